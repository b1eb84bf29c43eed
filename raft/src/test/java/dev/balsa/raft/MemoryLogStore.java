package dev.balsa.raft;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log store in memory. It keeps what was forced apart from what was only appended, so that a
 * {@linkplain #crash crash} can lose the rest; it can be made to fail or to hang in {@code force}.
 */
final class MemoryLogStore implements LogStore {
  private final List<Entry> entries = new ArrayList<>();
  private HardState hardState = HardState.INITIAL;
  private List<Entry> forcedEntries = List.of();
  private HardState forcedHardState = HardState.INITIAL;
  private @Nullable RuntimeException forceFailure;
  private boolean hanging;
  private boolean prepared = true;
  private boolean full;
  private int forces;
  private SnapshotMark base = SnapshotMark.NONE;

  /** What the disk holds after a crash: what was forced and nothing more. */
  synchronized MemoryLogStore crash() {
    MemoryLogStore survivor = new MemoryLogStore();
    survivor.base = base;
    survivor.entries.addAll(forcedEntries);
    survivor.forcedEntries = forcedEntries;
    survivor.hardState = forcedHardState;
    survivor.forcedHardState = forcedHardState;
    return survivor;
  }

  synchronized void failNextForce(RuntimeException failure) {
    forceFailure = failure;
  }

  synchronized void hang(boolean hangs) {
    hanging = hangs;
    notifyAll();
  }

  /** Whether appending finds no room from now on. */
  synchronized void full(boolean isFull) {
    full = isFull;
  }

  synchronized int forces() {
    return forces;
  }

  @Override
  public synchronized HardState hardState() {
    return hardState;
  }

  @Override
  public synchronized SnapshotMark base() {
    return base;
  }

  @Override
  public synchronized List<Entry> configurations() {
    return entries.stream().filter(e -> e.type() == EntryType.CONFIGURATION).toList();
  }

  @Override
  public synchronized void compact(SnapshotMark mark) {
    int discarded = (int) (mark.index() - base.index());
    entries.subList(0, discarded).clear();
    forcedEntries = List.copyOf(forcedEntries.subList(discarded, forcedEntries.size()));
    base = mark;
  }

  @Override
  public synchronized void reset(HardState newHardState, SnapshotMark newBase) {
    entries.clear();
    forcedEntries = List.of();
    hardState = newHardState;
    forcedHardState = newHardState;
    base = newBase;
  }

  @Override
  public synchronized long firstIndex() {
    return base.index() + 1;
  }

  @Override
  public synchronized long lastIndex() {
    return base.index() + entries.size();
  }

  @Override
  public synchronized long term(long index) {
    return entries.get((int) (index - base.index()) - 1).term();
  }

  @Override
  public synchronized List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    List<Entry> result = new ArrayList<>();
    long bytes = 0;
    for (long index = fromIndex; index <= toIndex; index++) {
      Entry entry = entries.get((int) (index - base.index()) - 1);
      bytes += entry.payload().length;
      if (bytes > payloadBytesMax && !result.isEmpty()) {
        break;
      }
      result.add(entry);
    }
    return List.copyOf(result);
  }

  /** Whether appends have all that they need at hand, from now on. */
  synchronized void prepared(boolean isPrepared) {
    prepared = isPrepared;
  }

  @Override
  public synchronized boolean isPreparedFor(List<Entry> newEntries) {
    return prepared;
  }

  @Override
  public synchronized void append(HardState newHardState, List<Entry> newEntries) {
    if (full) {
      throw new LogFullException("no room, for the test");
    }
    hardState = newHardState;
    if (!newEntries.isEmpty()) {
      int kept = (int) (newEntries.get(0).index() - base.index()) - 1;
      entries.subList(kept, entries.size()).clear();
      entries.addAll(newEntries);
    }
  }

  @Override
  public synchronized void force() {
    forces++;
    while (hanging) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new AssertionError("the log thread was interrupted", e);
      }
    }
    if (forceFailure != null) {
      throw forceFailure;
    }
    forcedEntries = List.copyOf(entries);
    forcedHardState = hardState;
  }

  @Override
  public synchronized long sizeBytes() {
    return entries.stream().mapToLong(entry -> 32 + entry.payload().length).sum();
  }

  @Override
  public void close() {}
}
