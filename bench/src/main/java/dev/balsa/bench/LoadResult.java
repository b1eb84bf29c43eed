package dev.balsa.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a load came to.
 *
 * @param writers sessions that wrote at the same time
 * @param transactions acknowledged while it was measured
 * @param nanos how long that was
 * @param p50Nanos half of the transactions took no longer, from call to return
 * @param p99Nanos 99 of 100 took no longer
 */
record LoadResult(int writers, long transactions, long nanos, long p50Nanos, long p99Nanos) {
  /** What the line of a result begins with. */
  static final String WORD = "result ";

  private static final Pattern LINE = Pattern.compile(WORD + "(\\d+) (\\d+) (\\d+) (\\d+) (\\d+)");

  double transactionsPerSecond() {
    return transactions * 1e9 / nanos;
  }

  /** The result as a node process tells it to the one that started it. */
  String toLine() {
    return String.format(
        Locale.ROOT, WORD + "%d %d %d %d %d", writers, transactions, nanos, p50Nanos, p99Nanos);
  }

  /** Reads {@link #toLine}. */
  static LoadResult parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no result: " + line);
    }
    return new LoadResult(
        Integer.parseInt(matcher.group(1)),
        Long.parseLong(matcher.group(2)),
        Long.parseLong(matcher.group(3)),
        Long.parseLong(matcher.group(4)),
        Long.parseLong(matcher.group(5)));
  }
}
