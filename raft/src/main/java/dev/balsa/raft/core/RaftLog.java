package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's log: which entries there are, and how far each of them has come. Keeps the newest
 * entries in memory, and always those that are not yet durable; older ones are read from the {@link
 * EntrySource}.
 *
 * <pre>
 *   base = first - 1 &lt;= applied &lt;= handed &lt;= min(committed, durable)
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
  private final Decisions decisions;
  private final TermRuns terms;
  private final EntryCache cache;
  private final ByteWindow unapplied;
  private final LogBytes bytes;
  private long baseIndex;
  private long baseTerm;
  private long applied;
  private long handed;
  private long committed;
  private long durable;
  private long written;

  RaftLog(
      LogExtent extent,
      long committed,
      long applied,
      EntrySource durableEntries,
      Limits limits,
      Decisions decisions) {
    this.decisions = decisions;
    this.durableEntries = durableEntries;
    this.limits = limits;
    this.terms = new TermRuns(extent);
    this.cache = new EntryCache(extent.lastIndex() + 1);
    this.unapplied = new ByteWindow();
    this.bytes = new LogBytes(extent, limits.retainedBytesMax());
    this.baseIndex = extent.base().index();
    this.baseTerm = extent.base().term();
    this.applied = applied;
    this.handed = applied;
    this.committed = committed;
    this.durable = extent.lastIndex();
    this.written = extent.lastIndex();
    if (decisions.checksItself()) {
      check();
    }
  }

  RaftLog(RaftLog from, EntrySource durableEntries) {
    this.durableEntries = durableEntries;
    limits = from.limits;
    decisions = from.decisions;
    terms = new TermRuns(from.terms);
    cache = new EntryCache(from.cache);
    unapplied = new ByteWindow(from.unapplied);
    bytes = new LogBytes(from.bytes);
    baseIndex = from.baseIndex;
    baseTerm = from.baseTerm;
    applied = from.applied;
    handed = from.handed;
    committed = from.committed;
    durable = from.durable;
    written = from.written;
  }

  /** Of the entries, only their terms: their content is what the log store was given. */
  void describe(StateSink sink) {
    terms.describe(sink);
    unapplied.describe(sink);
    bytes.describe(sink);
    sink.number("baseIndex", baseIndex);
    sink.number("baseTerm", baseTerm);
    sink.number("applied", applied);
    sink.number("handed", handed);
    sink.number("committed", committed);
    sink.number("durable", durable);
    sink.number("written", written);
  }

  long firstIndex() {
    return baseIndex + 1;
  }

  /** Index of what the log begins after, 0 if it was never compacted. */
  long baseIndex() {
    return baseIndex;
  }

  long lastIndex() {
    return terms.lastIndex();
  }

  long lastTerm() {
    return terms.size() == 0 ? baseTerm : terms.lastTerm();
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

  /** Term of the entry at an index from the base, where it is known too, to the last. */
  long termAt(long index) {
    return index == baseIndex ? baseTerm : terms.termAt(index);
  }

  /** Whether the entry at that index, at or above the base, has that term. */
  boolean matches(long index, long term) {
    return index <= lastIndex() && termAt(index) == term;
  }

  /**
   * The highest index up to {@code index}, and in the log, with an entry of at most that term; the
   * base if there is none.
   *
   * @see TermRuns#lastIndexWithTermAtMost
   */
  long lastIndexWithTermAtMost(long index, long term) {
    long from = Math.max(baseIndex, Math.min(index, lastIndex()));
    return terms.lastIndexWithTermAtMost(from, term);
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
    bytes.add(entry);
  }

  /** Removes the entries at and above an index, which must not be committed. */
  void truncateFrom(long index) {
    decisions.checkRemovable(index, committed);
    Invariant.check(
        index > baseIndex && index <= lastIndex(),
        "truncation at %s of a log from %s to %s",
        index,
        firstIndex(),
        lastIndex());
    cache.truncateFrom(index);
    terms.truncateFrom(index);
    bytes.truncateFrom(index);
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

  /**
   * Of the entries that the state machine has been given, those up to that index need not be kept
   * in memory any more: whoever wants one of them reads the log. What lives long costs a garbage
   * collector more than what is forgotten soon.
   */
  void release(long index) {
    cache.release(Math.min(index, handed));
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

  /** Applied up to that index; less than before is no news (of before a snapshot). */
  void appliedTo(long index) {
    Invariant.check(index <= handed, "applied up to %s, handed over up to %s", index, handed);
    applied = Math.max(applied, index);
    unapplied.settle(index);
  }

  /** The highest index up to which the log may go, by its size, once a snapshot holds it. */
  long compactableTo() {
    return bytes.compactableTo();
  }

  /** Forgets all up to and including an index that is applied, and durable without the log. */
  void compactTo(long index) {
    Invariant.check(
        index > baseIndex && index <= applied,
        "compaction up to %s of a log after %s, applied up to %s",
        index,
        baseIndex,
        applied);
    baseTerm = termAt(index);
    baseIndex = index;
    cache.compactTo(index);
    terms.compactTo(index);
    bytes.compactTo(index);
  }

  /** Forgets all: a snapshot, which is ahead of all that is committed here, takes its place. */
  void reset(SnapshotMark mark) {
    Invariant.check(
        mark.index() > committed && !hasUnwritten(),
        "%s after committed %s, written %s, last %s",
        mark,
        committed,
        written,
        lastIndex());
    baseIndex = mark.index();
    baseTerm = mark.term();
    cache.reset(baseIndex + 1);
    terms.reset(baseIndex);
    bytes.reset(baseIndex);
    applied = baseIndex;
    handed = baseIndex;
    committed = baseIndex;
    durable = baseIndex;
    written = baseIndex;
    unapplied.settle(Long.MAX_VALUE);
  }

  /**
   * The next committed entries for the state machine, as many as fit into one effect; none if there
   * are none or too many have not been applied yet.
   */
  List<Entry> takeCommitted() {
    long end = decisions.mayHandOver(committed, durable);
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
        baseIndex < from && from <= to && to <= lastIndex(),
        "read from %s to %s of a log from %s to %s",
        from,
        to,
        firstIndex(),
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
    return end < to && entries.size() == end - from + 1 ? withCached(entries, to) : entries;
  }

  /** Adds what follows and is cached, as far as it fits. */
  private List<Entry> withCached(List<Entry> fromStore, long to) {
    long bytes = 0;
    for (Entry entry : fromStore) {
      bytes += Limits.bytesOf(entry);
    }
    long next = fromStore.get(fromStore.size() - 1).index() + 1;
    int roomFor = Message.AppendRequest.ENTRIES_MAX - fromStore.size();
    if (roomFor == 0 || bytes + Limits.bytesOf(cache.get(next)) > limits.messageBytesMax()) {
      return fromStore;
    }
    List<Entry> all = new ArrayList<>(fromStore);
    all.addAll(cache.read(next, to, limits.messageBytesMax() - bytes, roomFor));
    return List.copyOf(all);
  }

  /** Checks the order of the indices. */
  void check() {
    Invariant.check(
        baseIndex <= applied
            && applied <= handed
            && handed <= Math.min(committed, durable)
            && committed <= lastIndex()
            && durable <= written
            && written <= lastIndex(),
        "base %s, applied %s, handed %s, committed %s, durable %s, written %s, last %s",
        baseIndex,
        applied,
        handed,
        committed,
        durable,
        written,
        lastIndex());
  }
}
