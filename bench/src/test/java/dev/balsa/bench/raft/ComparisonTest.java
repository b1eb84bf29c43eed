package dev.balsa.bench.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
  @Test
  void theLineForScriptsHasItsExactForm() {
    assertThat(new Comparison(16, 10_086.4, 17_000, 5_043.2).toLine())
        .isEqualTo(
            "RAFT window=16 ours=10086 floor=17000 jraft=5043 ours_over_floor=0.593"
                + " ours_over_jraft=2.000 jraft_over_floor=0.297");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0.2",
    "8, 0.2",
    "16, 0.2",
    "63, 0.2",
    "64, 0.15",
    "255, 0.15",
    "256, 0.08",
    "1024, 0.08"
  })
  void aYardstickThatIsCrippledOrDisturbedIsWarnedOf(int window, double least) {
    assertThat(new Comparison(window, 1, 1000, 1000 * least).warning()).isNull();
    assertThat(new Comparison(window, 1, 1000, 1000 * least - 0.5).warning())
        .contains("does not count at window " + window)
        .contains("below %.2f".formatted(least));
  }

  @Test
  void aRunWithoutAFigureDoesNotCount() {
    assertThat(new Comparison(1, 1, 0, 0).warning()).isNotNull();
  }
}
