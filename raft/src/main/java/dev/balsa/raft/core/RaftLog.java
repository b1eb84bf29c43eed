package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import java.util.List;

/**
 * A node's log: which entries there are, and how far each of them has come. Keeps the newest
 * entries in memory, and always those that are not yet durable; older ones are read from the {@link
 * EntrySource}.
 *
 * <pre>
 *   first - 1 &lt;= applied &lt;= handed &lt;= min(committed, durable)
 *   committed &lt;= last,  durable &lt;= written &lt;= last
 * </pre>
 *
 * <p><i>written</i> is what was given to the log store, <i>durable</i> what it has acknowledged,
 * <i>handed</i> what was given to the state machine. Entries are handed over only once they are
 * durable here, even if a quorum has them without us: a state machine is never ahead of its node's
 * log, so that a restart finds in the log whatever the state machine may have kept.
 */
final class RaftLog {
  private final EntrySource durableEntries;
  private final Limits limits;
  private final TermRuns terms;
  private final EntryCache cache;
  private final ByteWindow unapplied = new ByteWindow();
  private final long firstIndex;
  private long applied;
  private long handed;
  private long committed;
  private long durable;
  private long written;

  RaftLog(
      LogExtent extent, long committed, long applied, EntrySource durableEntries, Limits limits) {
    this.durableEntries = durableEntries;
    this.limits = limits;
    this.terms = new TermRuns(extent);
    this.cache = new EntryCache(extent.lastIndex() + 1);
    this.firstIndex = extent.firstIndex();
    this.applied = applied;
    this.handed = applied;
    this.committed = committed;
    this.durable = extent.lastIndex();
    this.written = extent.lastIndex();
    check();
  }

  long firstIndex() {
    return firstIndex;
  }

  long lastIndex() {
    return terms.lastIndex();
  }

  long lastTerm() {
    return terms.lastTerm();
  }

  long applied() {
    return applied;
  }

  long handed() {
    return handed;
  }

  long committed() {
    return committed;
  }

  long durable() {
    return durable;
  }

  boolean hasUnwritten() {
    return written < lastIndex();
  }

  /** Term of the entry at an index from 0, where it is 0, to the last. */
  long termAt(long index) {
    return index == 0 ? 0 : terms.termAt(index);
  }

  /** Whether the entry at that index has that term. */
  boolean matches(long index, long term) {
    return index <= lastIndex() && termAt(index) == term;
  }

  /**
   * The highest index up to {@code index}, and in the log, with an entry of at most that term.
   *
   * @see TermRuns#lastIndexWithTermAtMost
   */
  long lastIndexWithTermAtMost(long index, long term) {
    return terms.lastIndexWithTermAtMost(Math.min(index, lastIndex()), term);
  }

  /** Whether a log that ends so is at least as up to date as this one (thesis 3.6.1). */
  boolean isUpToDate(long otherLastIndex, long otherLastTerm) {
    return otherLastTerm > lastTerm()
        || (otherLastTerm == lastTerm() && otherLastIndex >= lastIndex());
  }

  void append(Entry entry) {
    Invariant.check(
        entry.index() == lastIndex() + 1 && entry.term() >= lastTerm(),
        "%s after %s/%s",
        entry,
        lastIndex(),
        lastTerm());
    cache.add(entry);
    terms.append(entry.term());
  }

  /** Removes the entries at and above an index, which must not be committed. */
  void truncateFrom(long index) {
    Invariant.check(
        index > committed && index >= firstIndex && index <= lastIndex(),
        "truncation at %s of a log committed up to %s and ending at %s",
        index,
        committed,
        lastIndex());
    cache.truncateFrom(index);
    terms.truncateFrom(index);
    written = Math.min(written, index - 1);
    durable = Math.min(durable, index - 1);
  }

  /** The entries that the log store has not been given yet; it has been given them now. */
  List<Entry> takeUnwritten() {
    if (!hasUnwritten()) {
      return List.of();
    }
    List<Entry> entries = cache.read(written + 1, lastIndex(), Long.MAX_VALUE, Integer.MAX_VALUE);
    written = lastIndex();
    return entries;
  }

  /** The log is durable up to that index; less than before is no news. */
  void durableTo(long index) {
    Invariant.check(index <= written, "durable up to %s, written up to %s", index, written);
    if (index > durable) {
      durable = index;
    }
    cache.shrink(limits.cachedBytesMax(), durable);
  }

  void commitTo(long index) {
    Invariant.check(
        index >= committed && index <= lastIndex(),
        "commit of %s after %s in a log up to %s",
        index,
        committed,
        lastIndex());
    committed = index;
  }

  void appliedTo(long index) {
    Invariant.check(
        index >= applied && index <= handed,
        "applied up to %s after %s, handed over up to %s",
        index,
        applied,
        handed);
    applied = index;
    unapplied.settle(index);
  }

  /**
   * The next committed entries for the state machine, as many as fit into one effect; none if there
   * are none or too many have not been applied yet.
   */
  List<Entry> takeCommitted() {
    long end = Math.min(committed, durable);
    if (handed >= end || unapplied.bytes() >= limits.unappliedBytesMax()) {
      return List.of();
    }
    List<Entry> entries = read(handed + 1, end);
    handed += entries.size();
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += Limits.bytesOf(entry);
    }
    unapplied.add(handed, bytes);
    return entries;
  }

  /** As many entries as fit into one message, from {@code from} on, {@code to} at most. */
  List<Entry> read(long from, long to) {
    Invariant.check(
        firstIndex <= from && from <= to && to <= lastIndex(),
        "read from %s to %s of a log from %s to %s",
        from,
        to,
        firstIndex,
        lastIndex());
    if (from >= cache.firstIndex()) {
      return cache.read(from, to, limits.messageBytesMax(), Message.AppendRequest.ENTRIES_MAX);
    }
    long end =
        Math.min(
            Math.min(to, cache.firstIndex() - 1), from + Message.AppendRequest.ENTRIES_MAX - 1);
    Invariant.check(end <= durable, "entry %s is neither cached nor durable", end);
    List<Entry> entries = durableEntries.read(from, end, limits.messageBytesMax());
    Invariant.check(
        !entries.isEmpty() && entries.size() <= end - from + 1,
        "%s entries read from %s to %s",
        entries.size(),
        from,
        end);
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      Invariant.check(
          entry.index() == from + i && entry.term() == termAt(from + i),
          "%s read at index %s with term %s",
          entry,
          from + i,
          termAt(from + i));
    }
    return entries;
  }

  /** Checks the order of the indices. */
  void check() {
    Invariant.check(
        firstIndex - 1 <= applied
            && applied <= handed
            && handed <= Math.min(committed, durable)
            && committed <= lastIndex()
            && durable <= written
            && written <= lastIndex(),
        "first %s, applied %s, handed %s, committed %s, durable %s, written %s, last %s",
        firstIndex,
        applied,
        handed,
        committed,
        durable,
        written,
        lastIndex());
  }
}
