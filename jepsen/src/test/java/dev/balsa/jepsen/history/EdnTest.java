package dev.balsa.jepsen.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdnTest {
  @Property
  void aValueIsReadAsItWasPrinted(@ForAll("values") @Nullable Object value) throws EdnException {
    String text = Edn.print(value);
    assertThat(text.chars()).allMatch(c -> c >= ' ');
    assertThat(Edn.parse(text)).isEqualTo(value);
  }

  @Property
  void aTextThatIsCutShortIsTornAndNeverTakenForAnother(
      @ForAll("values") @Nullable Object value, @ForAll int cut) {
    String text = "[" + Edn.print(value) + "]";
    String part = text.substring(0, Math.floorMod(cut, text.length()));
    assertThat(catchThrowableOfType(EdnException.class, () -> Edn.parse(part)).isTorn())
        .as(part)
        .isTrue();
  }

  @Provide
  Arbitrary<@Nullable Object> values() {
    Arbitrary<Object> atoms =
        Arbitraries.oneOf(
            Arbitraries.longs().asGeneric(),
            Arbitraries.doubles().asGeneric(),
            Arbitraries.of(Double.NaN, Double.NEGATIVE_INFINITY, Double.MIN_VALUE),
            Arbitraries.of(true, false),
            Arbitraries.strings().asGeneric(),
            Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars("*+!-_?$%&=<>/.#0123456789")
                .ofMinLength(1)
                .map(Keyword::new));
    return Arbitraries.recursive(
        () -> atoms.injectNull(0.1),
        inner ->
            Arbitraries.oneOf(
                inner.list().ofMaxSize(4).asGeneric(),
                inner.set().ofMaxSize(4).asGeneric(),
                Arbitraries.maps(inner, inner).ofMaxSize(4).asGeneric()),
        0,
        4);
  }

  @Test
  void whatOthersWriteIsUnderstood() throws EdnException {
    Map<@Nullable Object, @Nullable Object> map = new HashMap<>();
    map.put(new Keyword("a/b"), null);
    map.put(null, Set.of(1L, 2L));
    assertThat(Edn.parse("; before\n{:a/b nil,, nil #{1,2}} ; after")).isEqualTo(map);
    assertThat(Edn.parse("#jepsen.history.Op{:f :txn}"))
        .isEqualTo(Map.of(new Keyword("f"), new Keyword("txn")));
    assertThat(Edn.parse("#inst \"2020-01-01T00:00:00Z\"")).isEqualTo("2020-01-01T00:00:00Z");
    assertThat(Edn.parse("[#_gone #_ #x {1 2} 1 (2) #_[3]]")).isEqualTo(List.of(1L, List.of(2L)));
    assertThat(Edn.parse("[a.b.C \\a \\newline - -x +1 -0.5e3 1. ##Inf]"))
        .isEqualTo(
            List.of("a.b.C", "a", "\n", "-", "-x", 1L, -500.0, 1.0, Double.POSITIVE_INFINITY));
    assertThat(Edn.parse("\"a\\u00e9\\\\\\\"\n\"")).isEqualTo("aé\\\"\n");
    assertThat(Edn.parse("[nil]")).isEqualTo(Arrays.asList((Object) null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1/2] | 2 | ratio 1/2",
        "[12N] | 2 | any precision",
        "[1.5M] | 2 | any precision",
        "[9223372036854775808] | 2 | beyond 64 bits",
        "[010] | 2 | no number",
        "[1x] | 2 | no number",
        "[1 ::a] | 4 | no keyword",
        "{:a 1 :b} | 7 | without a value",
        "{:a 1 :a 2} | 7 | twice",
        "#{1 1} | 5 | twice",
        "[1} | 3 | closes nothing",
        "1 2 | 3 | more than one form",
        "[\"\\x\"] | 5 | unknown escape",
        "#\"x\" | 2 | not supported",
        "##Nix | 3 | no number",
        "@x | 1 | not EDN",
      })
  void whatIsWrongIsToldWithItsPlace(String text, int column, String problem) {
    assertThatThrownBy(() -> Edn.parse(text))
        .isInstanceOfSatisfying(
            EdnException.class,
            e -> {
              assertThat(e.line()).isEqualTo(1);
              assertThat(e.column()).isEqualTo(column);
              assertThat(e.isTorn()).isFalse();
            })
        .hasMessageContaining(problem);
  }

  @Test
  void nestingHasAnEnd() {
    assertThatThrownBy(() -> Edn.parse("[".repeat(100_000))).hasMessageContaining("deeper");
  }

  @Test
  void whatAHistoryCannotHoldIsNotPrinted() {
    assertThatThrownBy(() -> Edn.print(List.of(new byte[1])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Edn.print(new Keyword("a b")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
