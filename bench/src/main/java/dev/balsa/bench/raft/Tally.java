package dev.balsa.bench.raft;

import dev.balsa.bench.load.LoadReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What the rounds of one contender at one window came to. */
final class Tally {
  private final List<LoadReport> rounds = new ArrayList<>();

  void add(LoadReport round) {
    rounds.add(round);
  }

  /** Entries a second: the median over the rounds. */
  double entriesPerSecond() {
    double[] sorted = sorted();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private double[] sorted() {
    if (rounds.isEmpty()) {
      throw new IllegalStateException("no round was measured");
    }
    return rounds.stream().mapToDouble(LoadReport::entriesPerSecond).sorted().toArray();
  }

  /** Latency, in nanoseconds, that so many percent of all entries of all rounds did not exceed. */
  long latencyNanos(double percent) {
    Histogram all = LoadReport.newHistogram();
    rounds.forEach(round -> all.add(round.latencies()));
    return all.getValueAtPercentile(percent);
  }

  /** Processor time of the leader's process for an entry, over all rounds. */
  double cpuNanosPerEntry() {
    long entries = rounds.stream().mapToLong(LoadReport::cpuEntries).sum();
    return (double) rounds.stream().mapToLong(LoadReport::cpuNanos).sum() / Math.max(1, entries);
  }

  /** For people. */
  String toText() {
    double[] sorted = sorted();
    return String.format(
        Locale.ROOT,
        "%,11.0f entries/s (%,.0f to %,.0f); p50 %.3f ms, p99 %.3f ms; leader's CPU %.2f us an"
            + " entry",
        entriesPerSecond(),
        sorted[0],
        sorted[sorted.length - 1],
        latencyNanos(50) / 1e6,
        latencyNanos(99) / 1e6,
        cpuNanosPerEntry() / 1e3);
  }
}
