package dev.balsa.bench.load;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * What a load came to. Not thread-safe, and not to be modified: the histogram is shared.
 *
 * @param window entries in flight
 * @param nanos how long it was measured
 * @param cpuEntries entries done while the processor time was measured: about the same time
 * @param cpuNanos processor time that the leader's process took for these, load included
 * @param latencies of the entries done in {@code nanos}, in nanoseconds from proposal to completion
 */
public record LoadReport(
    int window, long nanos, long cpuEntries, long cpuNanos, Histogram latencies) {
  /** What the line of a report begins with. */
  public static final String WORD = "report";

  private static final long LATENCY_NANOS_MAX = 60_000_000_000L;

  /** An empty histogram of the kind that reports have. */
  public static Histogram newHistogram() {
    return new Histogram(LATENCY_NANOS_MAX, 3);
  }

  /** Records a latency; longer ones than a minute count as that. */
  public static void record(Histogram latencies, long nanos) {
    latencies.recordValue(Math.min(Math.max(0, nanos), LATENCY_NANOS_MAX));
  }

  /** Entries that were done. */
  public long entries() {
    return latencies.getTotalCount();
  }

  /** Entries a second. */
  public double entriesPerSecond() {
    return entries() * 1e9 / nanos;
  }

  /** The report as a node's process tells it to the one that started it. */
  public String toLine() {
    ByteBuffer bytes = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
    int length = latencies.encodeIntoCompressedByteBuffer(bytes);
    String histogram = Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    return String.join(
        " ",
        List.of(
            WORD,
            Integer.toString(window),
            Long.toString(nanos),
            Long.toString(cpuEntries),
            Long.toString(cpuNanos),
            histogram));
  }

  /**
   * Reads {@link #toLine}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static LoadReport parse(String line) {
    List<String> words = List.of(line.split(" ", -1));
    if (words.size() != 6 || !words.get(0).equals(WORD)) {
      throw new IllegalArgumentException("no report: " + line);
    }
    try {
      return new LoadReport(
          Integer.parseInt(words.get(1)),
          Long.parseLong(words.get(2)),
          Long.parseLong(words.get(3)),
          Long.parseLong(words.get(4)),
          Histogram.decodeFromCompressedByteBuffer(
              ByteBuffer.wrap(Base64.getDecoder().decode(words.get(5))), LATENCY_NANOS_MAX));
    } catch (DataFormatException | BufferUnderflowException e) {
      throw new IllegalArgumentException("no report: " + line, e);
    }
  }
}
