package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where each entry is. Thread-safe: one thread appends, any thread asks. What {@link #find} answers
 * stays readable also when it is superseded meanwhile, for files only grow; not when it is
 * discarded.
 */
final class LogIndex {
  private static final int SIZE_MIN = 1024;

  private final TermRuns terms = new TermRuns();

  /** Ascending indices of the configuration entries. */
  private final List<Long> configurations = new ArrayList<>();

  /** What the log begins after. */
  private long baseIndex;

  private long baseTerm;

  /** By index: cycle in the upper half, offset of the record in the lower. */
  private long[] places = new long[SIZE_MIN];

  private int[] payloadBytes = new int[SIZE_MIN];
  private int size;

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

  synchronized long firstIndex() {
    return baseIndex + 1;
  }

  synchronized long baseIndex() {
    return baseIndex;
  }

  synchronized long lastIndex() {
    return baseIndex + size;
  }

  synchronized long term(long index) {
    checkRange(index, index);
    return terms.term(index);
  }

  /** The term of an entry, or of what the log begins after. */
  synchronized long termAtOrBase(long index) {
    return index == baseIndex ? baseTerm : term(index);
  }

  /** The last entry's term, or that of what the log begins after. */
  synchronized long lastTerm() {
    return termAtOrBase(baseIndex + size);
  }

  /** The segment that an entry is in. */
  synchronized int cycle(long index) {
    checkRange(index, index);
    return (int) (places[at(index)] >>> 32);
  }

  /** How many entries a segment has. */
  synchronized long countIn(int cycle) {
    return Arrays.stream(places, 0, size).filter(place -> place >>> 32 == cycle).count();
  }

  synchronized List<Long> configurations() {
    return List.copyOf(configurations);
  }

  /** From now on an empty log that begins after that. */
  synchronized void restart(long afterIndex, long afterTerm) {
    baseIndex = afterIndex;
    baseTerm = afterTerm;
    size = 0;
    places = new long[SIZE_MIN];
    payloadBytes = new int[SIZE_MIN];
    terms.truncate(0);
    configurations.clear();
  }

  /** Drops the entries up to and including that one. */
  synchronized void discard(long toIndex) {
    if (toIndex == baseIndex) {
      return;
    }
    checkRange(toIndex, toIndex);
    long term = terms.term(toIndex);
    int drop = (int) (toIndex - baseIndex);
    int kept = size - drop;
    int capacity = Math.max(SIZE_MIN, kept + kept / 2);
    places = Arrays.copyOf(Arrays.copyOfRange(places, drop, size), capacity);
    payloadBytes = Arrays.copyOf(Arrays.copyOfRange(payloadBytes, drop, size), capacity);
    size = kept;
    baseIndex = toIndex;
    baseTerm = term;
    if (kept == 0) {
      terms.truncate(0);
    } else {
      terms.discardBefore(toIndex + 1);
    }
    configurations.removeIf(index -> index <= toIndex);
  }

  /** Drops what a record for that index supersedes. */
  synchronized void truncate(long fromIndex) {
    Invariant.check(
        fromIndex > baseIndex && fromIndex <= baseIndex + size + 1,
        "truncation from %d in a log from %d to %d",
        fromIndex,
        baseIndex + 1,
        baseIndex + size);
    size = at(fromIndex);
    terms.truncate(fromIndex);
    while (!configurations.isEmpty()
        && configurations.get(configurations.size() - 1) >= fromIndex) {
      configurations.remove(configurations.size() - 1);
    }
  }

  synchronized void append(LogRecord.Appended entry, int cycle, int offset) {
    append(entry.index(), entry.term(), entry.type(), entry.payloadBytes(), cycle, offset);
  }

  /**
   * Takes an excerpt's entries, at once.
   *
   * @param offset where the excerpt begins in its file
   */
  synchronized void append(Excerpt excerpt, int cycle, int offset) {
    List<Entry> entries = excerpt.entries();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      append(
          entry.index(),
          entry.term(),
          entry.type(),
          entry.payload().length,
          cycle,
          offset + excerpt.entryOffset(i));
    }
  }

  private void append(long index, long term, EntryType type, int bytes, int cycle, int offset) {
    Invariant.check(index == baseIndex + size + 1, "entry %d after %d", index, baseIndex + size);
    if (size == places.length) {
      places = Arrays.copyOf(places, 2 * size);
      payloadBytes = Arrays.copyOf(payloadBytes, 2 * size);
    }
    places[size] = (long) cycle << 32 | offset;
    payloadBytes[size++] = bytes;
    terms.append(index, term);
    if (type == EntryType.CONFIGURATION) {
      configurations.add(index);
    }
  }

  /** The places of as many of these entries as stay within a size; of the first in any case. */
  synchronized Places find(long from, long to, long payloadBytesMax) {
    checkRange(from, to);
    int at = at(from);
    int end = at(to) + 1;
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

  private int at(long index) {
    return (int) (index - baseIndex - 1);
  }

  private void checkRange(long from, long to) {
    Invariant.check(
        from > baseIndex && from <= to && to <= baseIndex + size,
        "entries %d to %d of a log from %d to %d",
        from,
        to,
        baseIndex + 1,
        baseIndex + size);
  }
}
