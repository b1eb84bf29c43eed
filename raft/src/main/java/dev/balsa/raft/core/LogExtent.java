package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * What a log holds when a node starts: its bounds, and where its terms begin.
 *
 * @param base what it begins after
 * @param lastIndex index of the last entry, {@code base.index()} when there is none
 * @param runs one for each term in the log, ascending
 * @param bytes what its entries take, roughly; for deciding how much of it to keep
 * @param configurations its entries of type {@link EntryType#CONFIGURATION}, ascending
 */
public record LogExtent(
    SnapshotMark base, long lastIndex, List<TermRun> runs, long bytes, List<Entry> configurations) {
  /** A log without entries. */
  public static final LogExtent EMPTY =
      new LogExtent(SnapshotMark.NONE, 0, List.of(), 0, List.of());

  /** Consecutive entries of one term, up to the next run. */
  public record TermRun(long firstIndex, long term) {}

  /** Checks the order. */
  public LogExtent {
    runs = List.copyOf(runs);
    configurations = List.copyOf(configurations);
    long firstIndex = base.index() + 1;
    Invariant.check(lastIndex >= base.index(), "log from %s to %s", firstIndex, lastIndex);
    Invariant.check(
        runs.isEmpty() == (lastIndex < firstIndex), "term runs %s up to %s", runs, lastIndex);
    for (int i = 0; i < runs.size(); i++) {
      TermRun run = runs.get(i);
      boolean follows =
          i == 0
              ? run.firstIndex == firstIndex && run.term >= Math.max(1, base.term())
              : run.firstIndex > runs.get(i - 1).firstIndex && run.term > runs.get(i - 1).term;
      Invariant.check(follows && run.firstIndex <= lastIndex, "term runs %s", runs);
    }
  }

  /** The same with the bytes that its entries take. */
  public LogExtent withBytes(long entryBytes) {
    return new LogExtent(base, lastIndex, runs, entryBytes, configurations);
  }

  /** Index of the first entry kept, 1 in a log that was never compacted. */
  public long firstIndex() {
    return base.index() + 1;
  }

  /**
   * Finds the terms of a log by binary search: terms never fall from one entry to the next.
   *
   * @param termAt term of the entry at an index from {@code firstIndex} to {@code lastIndex}
   */
  public static LogExtent of(
      SnapshotMark base, long lastIndex, LongUnaryOperator termAt, List<Entry> configurations) {
    long firstIndex = base.index() + 1;
    List<TermRun> runs = new ArrayList<>();
    long end = lastIndex;
    while (end >= firstIndex) {
      long term = termAt.applyAsLong(end);
      long low = firstIndex;
      long high = end;
      while (low < high) {
        long middle = (low + high) >>> 1;
        if (termAt.applyAsLong(middle) == term) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      runs.add(new TermRun(low, term));
      end = low - 1;
    }
    Collections.reverse(runs);
    return new LogExtent(base, lastIndex, runs, 0, configurations);
  }
}
