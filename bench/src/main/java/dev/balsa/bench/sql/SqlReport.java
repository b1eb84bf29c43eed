package dev.balsa.bench.sql;

import dev.balsa.bench.load.LoadReport;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a load came to. Not to be modified: the histogram is shared.
 *
 * @param nanos how long it was measured
 * @param operationsPerCall operations that each call counts for
 * @param totals what the load did in all, also before and after it was measured
 * @param gaps the longest times without an acknowledgement, the longest first
 * @param latencies of the calls that ended while it was measured, in nanoseconds
 * @param failure why it was broken off; null if it was not
 */
record SqlReport(
    long nanos,
    int operationsPerCall,
    Totals totals,
    List<Gap> gaps,
    Histogram latencies,
    @Nullable String failure) {
  /** What the line of a report begins with. */
  static final String WORD = "report";

  /** Takes an immutable list. */
  SqlReport {
    gaps = List.copyOf(gaps);
  }

  /**
   * What a load did in all.
   *
   * @param calls that returned
   * @param inserted rows, by these calls
   * @param updated rows, by these calls
   * @param inDoubt rows inserted, or not, by calls that ended without telling
   * @param sentBytes what the node has sent to its peers meanwhile, to all of them together
   */
  record Totals(long calls, long inserted, long updated, long inDoubt, long sentBytes) {}

  /**
   * A time without an acknowledgement.
   *
   * @param fromNanos its begin: on the wire microseconds since 1970 in nanoseconds, within a
   *     process by {@link System#nanoTime}
   */
  record Gap(long fromNanos, long nanos) {}

  /** Operations a second. */
  double operationsPerSecond() {
    return latencies.getTotalCount() * 1e9 / nanos * operationsPerCall;
  }

  /** The same with the gaps' begins moved. */
  SqlReport withGapsMoved(long byNanos) {
    List<Gap> moved =
        gaps.stream().map(gap -> new Gap(gap.fromNanos + byNanos, gap.nanos)).toList();
    return new SqlReport(nanos, operationsPerCall, totals, moved, latencies, failure);
  }

  /** The same with what was sent. */
  SqlReport withSentBytes(long bytes) {
    Totals sent = new Totals(totals.calls, totals.inserted, totals.updated, totals.inDoubt, bytes);
    return new SqlReport(nanos, operationsPerCall, sent, gaps, latencies, failure);
  }

  /** The report as a process tells it to the one that started it. */
  String toLine() {
    ByteBuffer bytes = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
    int length = latencies.encodeIntoCompressedByteBuffer(bytes);
    return String.join(
        " ",
        WORD,
        Long.toString(nanos),
        Integer.toString(operationsPerCall),
        Long.toString(totals.calls),
        Long.toString(totals.inserted),
        Long.toString(totals.updated),
        Long.toString(totals.inDoubt),
        Long.toString(totals.sentBytes),
        "gaps"
            + gaps.stream()
                .map(g -> "," + g.fromNanos + ":" + g.nanos)
                .collect(Collectors.joining()),
        Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length)),
        failure == null ? "" : failure);
  }

  /**
   * Reads {@link #toLine}.
   *
   * @throws IllegalArgumentException if it is none
   */
  static SqlReport parse(String line) {
    List<String> words = List.of(line.split(" ", 11));
    if (words.size() < 10 || !words.get(0).equals(WORD)) {
      throw new IllegalArgumentException("no report: " + line);
    }
    String failure = words.size() > 10 ? words.get(10) : "";
    try {
      return new SqlReport(
          Long.parseLong(words.get(1)),
          Integer.parseInt(words.get(2)),
          new Totals(
              Long.parseLong(words.get(3)),
              Long.parseLong(words.get(4)),
              Long.parseLong(words.get(5)),
              Long.parseLong(words.get(6)),
              Long.parseLong(words.get(7))),
          Arrays.stream(words.get(8).split(",", -1)).skip(1).map(SqlReport::gap).toList(),
          Histogram.decodeFromCompressedByteBuffer(
              ByteBuffer.wrap(Base64.getDecoder().decode(words.get(9))),
              LoadReport.newHistogram().getHighestTrackableValue()),
          failure.isEmpty() ? null : failure);
    } catch (DataFormatException | BufferUnderflowException e) {
      throw new IllegalArgumentException("no report: " + line, e);
    }
  }

  private static Gap gap(String text) {
    int colon = text.indexOf(':');
    return new Gap(
        Long.parseLong(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
  }
}
