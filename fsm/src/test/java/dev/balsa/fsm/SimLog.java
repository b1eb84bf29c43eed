package dev.balsa.fsm;

import dev.balsa.raft.LogStore;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node's log: what is durable, and the operations that are not yet, in order. */
final class SimLog implements LogStore {
  private final List<Entry> entries = new ArrayList<>();
  private final ArrayDeque<Effect> pending = new ArrayDeque<>();
  private HardState hardState = HardState.INITIAL;
  private SnapshotMark base = SnapshotMark.NONE;

  void add(Effect operation) {
    pending.add(operation);
  }

  @Nullable Effect next() {
    return pending.peek();
  }

  /** Makes the oldest operation durable. */
  Effect forceNext() {
    Effect operation = pending.remove();
    if (operation instanceof AppendToLog write) {
      append(write.hardState(), write.entries());
    } else if (operation instanceof InstallSnapshot install) {
      reset(install.hardState(), install.mark());
    } else {
      compact(((Effect.CompactLog) operation).mark());
    }
    return operation;
  }

  /**
   * The power fails.
   *
   * @param kept how many operations have reached the disk all the same
   */
  void crash(int kept) {
    for (int i = 0; i < kept && pending.peek() != null; i++) {
      if (pending.peek() instanceof InstallSnapshot) {
        break;
      }
      forceNext();
    }
    pending.clear();
  }

  LogExtent extent() {
    return LogExtent.of(base, lastIndex(), this::term, configurations());
  }

  @Override
  public HardState hardState() {
    return hardState;
  }

  @Override
  public SnapshotMark base() {
    return base;
  }

  @Override
  public List<Entry> configurations() {
    return List.of();
  }

  @Override
  public long firstIndex() {
    return base.index() + 1;
  }

  @Override
  public long lastIndex() {
    return base.index() + entries.size();
  }

  @Override
  public long term(long index) {
    return index == base.index() ? base.term() : entries.get(at(index)).term();
  }

  private int at(long index) {
    return (int) (index - base.index()) - 1;
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    List<Entry> result = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : entries.subList(at(fromIndex), at(toIndex) + 1)) {
      bytes += entry.payload().length;
      if (bytes > payloadBytesMax && !result.isEmpty()) {
        break;
      }
      result.add(entry);
    }
    return result;
  }

  @Override
  public void append(HardState state, List<Entry> added) {
    hardState = state;
    if (!added.isEmpty()) {
      entries.subList(at(added.get(0).index()), entries.size()).clear();
      entries.addAll(added);
    }
  }

  @Override
  public boolean isPreparedFor(List<Entry> added) {
    return true;
  }

  @Override
  public void force() {
    throw new UnsupportedOperationException("see forceNext()");
  }

  @Override
  public void compact(SnapshotMark mark) {
    if (mark.index() > base.index()) {
      entries.subList(0, (int) (mark.index() - base.index())).clear();
      base = mark;
    }
  }

  @Override
  public void reset(HardState state, SnapshotMark newBase) {
    entries.clear();
    hardState = state;
    base = newBase;
  }

  @Override
  public long sizeBytes() {
    return 0;
  }

  @Override
  public void close() {}
}
