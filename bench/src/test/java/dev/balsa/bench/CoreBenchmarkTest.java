package dev.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That it measures what it says: each call does all the work of a commit. */
class CoreBenchmarkTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 16, 256})
  void everyCycleOfLeaderAndFollowerIsWholeAndTheNextOneCanFollow(int entries) {
    CoreBenchmark benchmark = new CoreBenchmark();
    benchmark.entries = entries;
    benchmark.prepare();
    for (int cycle = 0; cycle < 1000; cycle++) {
      benchmark.leaderCycle();
      benchmark.followerAppend();
    }
    assertThat(benchmark.leaderCommitted()).isEqualTo(1 + 1000L * entries);
    assertThat(benchmark.followerCommitted()).isEqualTo(999L * entries);
  }
}
