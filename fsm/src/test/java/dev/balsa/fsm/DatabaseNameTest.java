package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class DatabaseNameTest {
  private static final Pattern CHARS = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern RESERVED =
      Pattern.compile("(?i).*(-wal|-shm|-journal)", Pattern.DOTALL);

  private static boolean isAccepted(String value) {
    try {
      return new DatabaseName(value).value().equals(value);
    } catch (IllegalArgumentException e) {
      assertThat(e)
          .hasMessageContaining("'" + value + "' is no database name: use 1 to 100 letters");
      return false;
    }
  }

  @Example
  void whatCouldLeaveTheFolderOrMeanSomethingToSqliteIsRefused() {
    List<String> refused =
        List.of(
            "", ".", "..", ".a", "../a", "a/b", "a\\b", "file:a", "a?mode=memory", "a\0", "a\n");
    assertThat(refused).noneMatch(DatabaseNameTest::isAccepted);
    assertThat(List.of("a-wal", "a-SHM", "a.db-Journal")).noneMatch(DatabaseNameTest::isAccepted);
    assertThat(List.of("a", "0", "app.db", "A-wal.db", "wal", "a..b_-"))
        .allMatch(DatabaseNameTest::isAccepted);
    assertThat("a".repeat(100)).matches(DatabaseNameTest::isAccepted);
    assertThatThrownBy(() -> new DatabaseName("a".repeat(101)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Letters and digits are those of ASCII: not an Arabic zero, nor the Kelvin sign. */
  @Provide
  Arbitrary<String> nearlyNames() {
    Arbitrary<String> any =
        Arbitraries.strings().withChars("aZ09._-/:\0 @[`{\u0660\u212A").ofMaxLength(8);
    Arbitrary<String> end = Arbitraries.of("", "", "-wal", "-sHm", "-JOURNAL", "-journa");
    Arbitrary<String> middle = Arbitraries.of("", "", "a".repeat(88), "a".repeat(97));
    return any.flatMap(first -> middle.flatMap(then -> end.map(last -> first + then + last)));
  }

  @Property(tries = 2_000)
  void theRuleIsTheOneThatIsTold(@ForAll("nearlyNames") String value) {
    boolean valid = CHARS.matcher(value).matches() && !RESERVED.matcher(value).matches();
    assertThat(isAccepted(value)).isEqualTo(valid);
  }
}
