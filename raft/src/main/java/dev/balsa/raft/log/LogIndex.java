package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import java.util.Arrays;

/**
 * Where each entry is. Thread-safe: one thread appends, any thread asks. What {@link #find} answers
 * stays readable also when it is superseded meanwhile, for files only grow.
 */
final class LogIndex {
  private final TermRuns terms = new TermRuns();
  private final long firstIndex;

  /** By index: cycle in the upper half, offset of the record in the lower. */
  private long[] places = new long[1024];

  private int[] payloadBytes = new int[1024];
  private int size;

  LogIndex(long firstIndex) {
    this.firstIndex = firstIndex;
  }

  /** The places of consecutive entries: parallel arrays, the first one that of {@code from}. */
  @SuppressWarnings("ArrayRecordComponent") // handed from here to the reader, which keeps nothing
  record Places(long from, long[] places, int[] payloadBytes, long[] terms) {
    int count() {
      return places.length;
    }

    int cycle(int at) {
      return (int) (places[at] >>> 32);
    }

    int offset(int at) {
      return (int) places[at];
    }

    int recordBytes(int at) {
      return RecordFormat.recordBytes(payloadBytes[at]);
    }
  }

  long firstIndex() {
    return firstIndex;
  }

  synchronized long lastIndex() {
    return firstIndex + size - 1;
  }

  synchronized long term(long index) {
    checkRange(index, index);
    return terms.term(index);
  }

  /** The last entry's term, 0 in an empty log. */
  synchronized long lastTerm() {
    return size == 0 ? 0 : terms.term(firstIndex + size - 1);
  }

  /** Drops what a record for that index supersedes. */
  synchronized void truncate(long fromIndex) {
    Invariant.check(
        fromIndex >= firstIndex && fromIndex <= firstIndex + size,
        "truncation from %d in a log from %d to %d",
        fromIndex,
        firstIndex,
        firstIndex + size - 1);
    size = (int) (fromIndex - firstIndex);
    terms.truncate(fromIndex);
  }

  synchronized void append(LogRecord.Appended entry, int cycle, int offset) {
    Invariant.check(
        entry.index() == firstIndex + size,
        "entry %d after %d",
        entry.index(),
        firstIndex + size - 1);
    if (size == places.length) {
      places = Arrays.copyOf(places, 2 * size);
      payloadBytes = Arrays.copyOf(payloadBytes, 2 * size);
    }
    places[size] = (long) cycle << 32 | offset;
    payloadBytes[size++] = entry.payloadBytes();
    terms.append(entry.index(), entry.term());
  }

  /** The places of as many of these entries as stay within a size; of the first in any case. */
  synchronized Places find(long from, long to, long payloadBytesMax) {
    checkRange(from, to);
    int at = (int) (from - firstIndex);
    int end = (int) (to - firstIndex) + 1;
    int stop = at + 1;
    long sum = payloadBytes[at];
    while (stop < end && sum + payloadBytes[stop] <= payloadBytesMax) {
      sum += payloadBytes[stop++];
    }
    long[] termOf = new long[stop - at];
    for (int i = 0; i < termOf.length; i++) {
      termOf[i] = terms.term(from + i);
    }
    return new Places(
        from,
        Arrays.copyOfRange(places, at, stop),
        Arrays.copyOfRange(payloadBytes, at, stop),
        termOf);
  }

  private void checkRange(long from, long to) {
    Invariant.check(
        from >= firstIndex && from <= to && to < firstIndex + size,
        "entries %d to %d of a log from %d to %d",
        from,
        to,
        firstIndex,
        firstIndex + size - 1);
  }
}
