package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each entry is. Thread-safe: one thread appends, any thread asks. What {@link #find} answers
 * stays readable also when it is superseded meanwhile, for files only grow; not when it is
 * discarded. What it takes of memory is said at {@link EntryRuns}.
 */
final class LogIndex {
  private final TermRuns terms = new TermRuns();
  private final EntryRuns runs = new EntryRuns();

  /** Ascending indices of the configuration entries. */
  private final List<Long> configurations = new ArrayList<>();

  /** What the log begins after. */
  private long baseIndex;

  private long baseTerm;
  private long lastIndex;

  /**
   * Where consecutive entries are.
   *
   * @param from the first one that is wanted
   * @param to the last one, if the size allows
   * @param payloadBytesMax the size that all but the first one must stay within
   * @param runs hold them; there may be others before and behind them
   * @param terms theirs
   */
  record Places(long from, long to, long payloadBytesMax, List<EntryRun> runs, TermRuns terms) {}

  synchronized long firstIndex() {
    return baseIndex + 1;
  }

  synchronized long baseIndex() {
    return baseIndex;
  }

  synchronized long lastIndex() {
    return lastIndex;
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
    return termAtOrBase(lastIndex);
  }

  /** The segment that an entry is in. */
  synchronized int cycle(long index) {
    checkRange(index, index);
    return runs.cycle(index);
  }

  /** How many entries a segment has. */
  synchronized long countIn(int cycle) {
    return Math.max(0, runs.firstFrom(cycle + 1) - Math.max(firstIndex(), runs.firstFrom(cycle)));
  }

  synchronized List<Long> configurations() {
    return List.copyOf(configurations);
  }

  /** From now on an empty log that begins after that. */
  synchronized void restart(long afterIndex, long afterTerm) {
    baseIndex = afterIndex;
    baseTerm = afterTerm;
    lastIndex = afterIndex;
    runs.restart(afterIndex + 1);
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
    baseIndex = toIndex;
    baseTerm = term;
    runs.discardBefore(toIndex + 1);
    if (toIndex == lastIndex) {
      terms.truncate(0);
    } else {
      terms.discardBefore(toIndex + 1);
    }
    configurations.removeIf(index -> index <= toIndex);
  }

  /** Drops what a record for that index supersedes. */
  synchronized void truncate(long fromIndex) {
    Invariant.check(
        fromIndex > baseIndex && fromIndex <= lastIndex + 1,
        "truncation from %d in a log from %d to %d",
        fromIndex,
        baseIndex + 1,
        lastIndex);
    lastIndex = fromIndex - 1;
    runs.truncate(fromIndex);
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
    if (index != lastIndex + 1) {
      throw new InvariantViolation("entry " + index + " after " + lastIndex);
    }
    runs.append(cycle, offset, bytes);
    lastIndex = index;
    terms.append(index, term);
    if (type == EntryType.CONFIGURATION) {
      configurations.add(index);
    }
  }

  /** The places of as many of these entries as stay within a size; of the first in any case. */
  synchronized Places find(long from, long to, long payloadBytesMax) {
    checkRange(from, to);
    return new Places(
        from, to, payloadBytesMax, runs.find(from, to, payloadBytesMax), terms.copyOf(from, to));
  }

  private void checkRange(long from, long to) {
    Invariant.check(
        from > baseIndex && from <= to && to <= lastIndex,
        "entries %d to %d of a log from %d to %d",
        from,
        to,
        baseIndex + 1,
        lastIndex);
  }
}
