package dev.balsa.bench.sql;

import dev.balsa.bench.load.LoadReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What the rounds of one contender in one case came to. */
final class SqlTally {
  private final List<SqlReport> rounds = new ArrayList<>();

  void add(SqlReport round) {
    rounds.add(round);
  }

  /** Operations a second: the median over the rounds. */
  double operationsPerSecond() {
    return median(sorted());
  }

  /** The median of values in ascending order, of which there is one at least. */
  static double median(double... sorted) {
    if (sorted.length == 0) {
      throw new IllegalStateException("no round was measured");
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private double[] sorted() {
    return rounds.stream().mapToDouble(SqlReport::operationsPerSecond).sorted().toArray();
  }

  /** Bytes sent to each of so many followers for each call: a transaction, or a read. */
  double sentBytesPerCall(int followers) {
    long calls = rounds.stream().mapToLong(round -> round.totals().calls()).sum();
    long bytes = rounds.stream().mapToLong(round -> round.totals().sentBytes()).sum();
    return (double) bytes / followers / Math.max(1, calls);
  }

  /** The longest time without an acknowledgement. */
  long longestGapNanos() {
    return rounds.stream()
        .flatMap(round -> round.gaps().stream())
        .mapToLong(SqlReport.Gap::nanos)
        .max()
        .orElse(0);
  }

  /** For people. */
  String toText() {
    double[] sorted = sorted();
    Histogram all = LoadReport.newHistogram();
    rounds.forEach(round -> all.add(round.latencies()));
    return String.format(
        Locale.ROOT,
        "%,9.0f/s (%,.0f to %,.0f); p50 %.3f ms, p99 %.3f ms, max %.1f ms",
        operationsPerSecond(),
        sorted[0],
        sorted[sorted.length - 1],
        all.getValueAtPercentile(50) / 1e6,
        all.getValueAtPercentile(99) / 1e6,
        all.getMaxValue() / 1e6);
  }
}
