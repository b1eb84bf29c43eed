package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.history.Edn;
import dev.balsa.jepsen.history.EdnException;
import dev.balsa.jepsen.history.Keyword;
import java.util.AbstractList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ValueTextTest {
  @Test
  void valuesAreShownAsEdn() throws EdnException {
    for (String text :
        List.of(
            "nil",
            "[[:append 1 2] [:r 3 nil]]",
            "{:from 1, :to 2}",
            "#{7}",
            "\"a\"",
            "[1 [2 3]]")) {
      assertThat(ValueText.of(Edn.parse(text), 100)).isEqualTo(text);
    }
  }

  @Test
  void whatIsTooLongIsCutWithoutBeingReadToItsEnd() {
    List<Long> endless =
        new AbstractList<>() {
          @Override
          public Long get(int index) {
            if (index > 100) {
              throw new AssertionError("read too far: " + index);
            }
            return (long) index;
          }

          @Override
          public int size() {
            return Integer.MAX_VALUE;
          }
        };
    assertThat(ValueText.of(endless, 12)).isEqualTo("[0 1 2 3 4 …");
  }

  @Test
  void ofALongListThatWasReadTheEndIsShown() throws EdnException {
    List<Long> list = LongStream.range(0, 1000).boxed().toList();
    assertThat(ValueText.microOps(List.of(List.of(keyword("r"), 5L, list)), 25))
        .containsExactly("r 5 → [… 996 997 998 999]");
    assertThat(ValueText.microOps(Edn.parse("[[:append 1 2] [:r 3 [4 5]] [:r 6 nil]]"), 40))
        .containsExactly("append 1 2", "r 3 → [4 5]", "r 6 → nil");
  }

  @Test
  void whatIsNoTransactionIsOneLine() throws EdnException {
    assertThat(ValueText.microOps(Edn.parse("[3 [1 2]]"), 40)).containsExactly("[3 [1 2]]");
    assertThat(ValueText.microOps(null, 40)).containsExactly("nil");
  }

  private static Object keyword(String name) {
    return new Keyword(name);
  }
}
