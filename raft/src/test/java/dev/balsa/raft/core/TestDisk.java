package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The disk of one node's log: what is durable, and the writes that are not yet, in order. A crash
 * loses those.
 */
final class TestDisk implements EntrySource {
  /** A write that is durable now, and what it lets go. */
  record Forced(long write, List<Send> whenDurable) {}

  private final List<Entry> durable = new ArrayList<>();
  private final ArrayDeque<Effect> pending = new ArrayDeque<>();
  private SnapshotMark base = SnapshotMark.NONE;
  private HardState hardState = HardState.INITIAL;

  /** Queues an {@link AppendToLog}, {@link InstallSnapshot} or {@link CompactLog}. */
  void write(Effect write) {
    pending.add(write);
    compact();
  }

  /** Number of writes that wait to be made durable. */
  int pendingWrites() {
    return (int) pending.stream().filter(write -> !(write instanceof CompactLog)).count();
  }

  /** Makes the oldest {@code count} writes durable; answers with them. */
  List<Forced> force(int count) {
    List<Forced> forced = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      forced.add(force(pending.removeFirst()));
      compact();
    }
    return forced;
  }

  private Forced force(Effect write) {
    if (write instanceof InstallSnapshot install) {
      base = install.mark();
      durable.clear();
      hardState = install.hardState();
      return new Forced(install.write(), install.whenDurable());
    }
    AppendToLog append = (AppendToLog) write;
    hardState = append.hardState();
    keep(append.entries());
    return new Forced(append.write(), append.whenDurable());
  }

  private void keep(List<Entry> entries) {
    if (!entries.isEmpty()) {
      long first = entries.get(0).index();
      long firstIndex = base.index() + 1;
      Invariant.check(
          firstIndex <= first && first <= lastIndex() + 1,
          "write at %s of a log from %s to %s",
          first,
          firstIndex,
          lastIndex());
      durable.subList((int) (first - firstIndex), durable.size()).clear();
      durable.addAll(entries);
    }
  }

  private void compact() {
    while (pending.peekFirst() instanceof CompactLog compaction) {
      pending.removeFirst();
      int dropped = (int) (compaction.mark().index() - base.index());
      Invariant.check(
          dropped > 0 && dropped <= durable.size(), "compaction of %s to %s", base, compaction);
      durable.subList(0, dropped).clear();
      base = compaction.mark();
    }
  }

  /** Loses all writes that are not durable. */
  void crash() {
    pending.clear();
  }

  private long lastIndex() {
    return base.index() + durable.size();
  }

  /** What the log begins after. */
  SnapshotMark base() {
    return base;
  }

  /** Term, vote and commit index, durably. */
  HardState hardState() {
    return hardState;
  }

  /** The durable entries. */
  List<Entry> durableEntries() {
    return durable;
  }

  /** What is durable, as a node is told at its start. */
  LogExtent extent() {
    return LogExtent.of(
            base,
            lastIndex(),
            index -> durable.get((int) (index - base.index()) - 1).term(),
            durable.stream().filter(entry -> entry.type() == EntryType.CONFIGURATION).toList())
        .withBytes(durable.stream().mapToLong(Limits::bytesOf).sum());
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    Invariant.check(
        base.index() < fromIndex && toIndex <= lastIndex(),
        "entries %s to %s read of a log from %s to %s",
        fromIndex,
        toIndex,
        base.index() + 1,
        lastIndex());
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    for (long index = fromIndex; index <= toIndex; index++) {
      Entry entry = durable.get((int) (index - base.index()) - 1);
      bytes += entry.payload().length;
      if (!entries.isEmpty() && bytes > payloadBytesMax) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }
}
