package dev.balsa.bench.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.balsa.bench.load.LoadReport;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class TallyTest {
  private final Tally tally = new Tally();

  /** A round of two seconds. */
  private static LoadReport round(int entries, long latencyNanos, long cpuNanos) {
    Histogram latencies = LoadReport.newHistogram();
    latencies.recordValueWithCount(latencyNanos, entries);
    return new LoadReport(1, 2_000_000_000L, entries, cpuNanos, latencies);
  }

  @Test
  void oneDisturbedRoundDoesNotMoveTheMedian() {
    tally.add(round(2000, 1000, 0));
    tally.add(round(20, 1000, 0));
    tally.add(round(2200, 1000, 0));
    assertThat(tally.entriesPerSecond()).isEqualTo(1000);
  }

  @Test
  void ofAnEvenNumberOfRoundsTheTwoInTheMiddleAreAveraged() {
    tally.add(round(2000, 1000, 0));
    tally.add(round(20, 1000, 0));
    tally.add(round(3000, 1000, 0));
    tally.add(round(20000, 1000, 0));
    assertThat(tally.entriesPerSecond()).isEqualTo(1250);
  }

  @Test
  void latenciesAreThoseOfAllEntriesOfAllRounds() {
    tally.add(round(980, 1_000_000, 0));
    tally.add(round(20, 9_000_000, 0));
    assertThat(tally.latencyNanos(50)).isCloseTo(1_000_000, within(10_000L));
    assertThat(tally.latencyNanos(99)).isCloseTo(9_000_000, within(90_000L));
  }

  @Test
  void processorTimeIsSharedByAllEntries() {
    tally.add(round(1000, 1, 5_000_000));
    tally.add(round(3000, 1, 7_000_000));
    assertThat(tally.cpuNanosPerEntry()).isEqualTo(3000);
  }

  @Test
  void whatPeopleReadHasAllFigures() {
    tally.add(round(2_000_000, 1_500_000, 5_000_000_000L));
    assertThat(tally.toText())
        .contains("1,000,000 entries/s (1,000,000 to 1,000,000)")
        .containsPattern("p50 1\\.50\\d ms, p99 1\\.50\\d ms")
        .contains("2.50 us an entry");
  }

  @Test
  void noRoundsHaveNoMedian() {
    assertThatThrownBy(tally::entriesPerSecond).isInstanceOf(IllegalStateException.class);
  }
}
