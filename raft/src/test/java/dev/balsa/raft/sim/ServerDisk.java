package dev.balsa.raft.sim;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntrySource;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A log store as far as a crash is concerned: what is durable, and the operations that are not yet,
 * in order. A crash keeps some of these, and perhaps the first part of the next.
 */
public final class ServerDisk implements EntrySource {
  private final Configuration initial;
  private final int segmentEntries;
  private final ServerLog durable = new ServerLog();
  private final ServerLog image = new ServerLog();
  private final ArrayDeque<Effect> pending = new ArrayDeque<>();
  private HardState hardState = HardState.INITIAL;
  private boolean full;

  ServerDisk(Configuration initial, int segmentEntries) {
    this.initial = initial;
    this.segmentEntries = segmentEntries;
  }

  /** Term and vote, durably. */
  public HardState hardState() {
    return hardState;
  }

  /** What a crash would leave at least. */
  public ServerLog durable() {
    return durable;
  }

  /** The log as the running node has it, with all that is not durable. */
  public ServerLog image() {
    return image;
  }

  /** The newest configuration of the log as the running node has it. */
  public Configuration configuration() {
    return image.configuration(initial);
  }

  /** The configuration in force at an index of the running node's log. */
  public Configuration configurationAt(long index) {
    return image.configurationAt(index, initial);
  }

  /** Index of the entry of {@link #configurationAt}, or of the base. */
  public long configurationIndexAt(long index) {
    return image.configurationIndexAt(index);
  }

  /** Number of operations that are not durable. */
  public int pendingCount() {
    return pending.size();
  }

  boolean isFull() {
    return full;
  }

  void full(boolean now) {
    full = now;
  }

  void add(Effect operation) {
    pending.add(operation);
  }

  Effect next() {
    return pending.element();
  }

  /** Whether the next operation can be done: without room there is only compaction. */
  boolean canWork() {
    return !pending.isEmpty() && (!full || pending.element() instanceof CompactLog);
  }

  /** Makes the oldest operation durable; an installation's content is installed already. */
  Effect force(long snapshotChain) {
    Effect operation = pending.remove();
    if (operation instanceof AppendToLog write) {
      keep(write.hardState(), write.entries());
    } else if (operation instanceof InstallSnapshot install) {
      reset(install.hardState(), install.mark(), snapshotChain);
    } else {
      compact(((CompactLog) operation).mark());
    }
    return operation;
  }

  /** The log becomes empty after a mark. */
  void reset(HardState state, SnapshotMark mark, long chain) {
    hardState = state;
    durable.reset(mark, chain);
  }

  /**
   * Loses power; see {@link Action.Crash}. Installations that have not begun are lost.
   *
   * @return whether a part of a write is left
   */
  boolean crash(int kept, int torn) {
    for (int i = 0; i < kept && !pending.isEmpty(); i++) {
      if (pending.element() instanceof InstallSnapshot) {
        break;
      }
      force(0);
    }
    boolean isTorn = false;
    if (torn >= 0 && pending.peek() instanceof AppendToLog write) {
      isTorn = torn < write.entries().size();
      keep(write.hardState(), write.entries().subList(0, Math.min(torn, write.entries().size())));
    }
    forgetPending();
    return isTorn;
  }

  void forgetPending() {
    pending.clear();
    image.copyFrom(durable);
  }

  private void keep(HardState state, List<Entry> entries) {
    hardState = state;
    if (!entries.isEmpty()) {
      if (entries.get(0).index() <= durable.lastIndex()) {
        durable.truncateFrom(entries.get(0).index());
      }
      entries.forEach(durable::append);
    }
  }

  private void compact(SnapshotMark mark) {
    long target = mark.index() - mark.index() % segmentEntries;
    if (target > durable.base().index()) {
      durable.compact(target, initial);
      if (image.base().index() < target) {
        image.compact(target, initial);
      }
    }
  }

  /** What the core is told at a start. */
  LogExtent extent() {
    return LogExtent.of(
        durable.base(),
        durable.lastIndex(),
        durable::termAt,
        new ArrayList<>(durable.configurations()));
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    Invariant.check(
        fromIndex > durable.base().index() && toIndex <= durable.lastIndex(),
        "read from %s to %s, durable is %s to %s",
        fromIndex,
        toIndex,
        durable.base().index() + 1,
        durable.lastIndex());
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    for (long index = fromIndex; index <= toIndex; index++) {
      Entry entry = durable.at(index);
      bytes += entry.payload().length;
      if (!entries.isEmpty() && bytes > payloadBytesMax) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }
}
