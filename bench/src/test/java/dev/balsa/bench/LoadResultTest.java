package dev.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LoadResultTest {
  private static final LoadResult RESULT = new LoadResult(16, 5000, 2_000_000_000L, 7, 9);

  @Test
  void aResultCrossesFromProcessToProcessUnchanged() {
    assertThat(LoadResult.parse(RESULT.toLine())).isEqualTo(RESULT);
  }

  @Test
  void transactionsAreCountedForASecond() {
    assertThat(RESULT.transactionsPerSecond()).isEqualTo(2500);
  }

  @Test
  void anythingElseIsNoResult() {
    assertThatThrownBy(() -> LoadResult.parse("result 1 2 3"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
