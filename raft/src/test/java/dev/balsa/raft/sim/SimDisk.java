package dev.balsa.raft.sim;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntrySource;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's disk: what is durable, and the writes that are not yet. A crash keeps a prefix of those,
 * and of the first that it does not keep whole perhaps a part.
 */
public final class SimDisk implements EntrySource {
  private final List<Entry> durable = new ArrayList<>();
  private final ArrayDeque<AppendToLog> pending = new ArrayDeque<>();
  private HardState hardState = HardState.INITIAL;

  /** Queues a write. */
  public void write(AppendToLog write) {
    pending.add(write);
  }

  /** Number of writes that are not durable. */
  public int pendingWrites() {
    return pending.size();
  }

  /** Makes the oldest {@code count} writes durable; answers with them. */
  public List<AppendToLog> force(int count) {
    List<AppendToLog> forced = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      AppendToLog write = pending.removeFirst();
      hardState = write.hardState();
      keep(write.entries());
      forced.add(write);
    }
    return forced;
  }

  /**
   * Loses power: of the writes not yet forced the first {@code writesKept} reached the disk, and of
   * the next one its hard state and the first {@code entriesKept} entries, if that is not negative.
   */
  public void crash(int writesKept, int entriesKept) {
    force(Math.min(writesKept, pending.size()));
    if (!pending.isEmpty() && entriesKept >= 0) {
      AppendToLog torn = pending.getFirst();
      hardState = torn.hardState();
      keep(torn.entries().subList(0, Math.min(entriesKept, torn.entries().size())));
    }
    pending.clear();
  }

  private void keep(List<Entry> entries) {
    if (!entries.isEmpty()) {
      long first = entries.get(0).index();
      Invariant.check(
          first <= durable.size() + 1, "write at %s of a log of %s", first, durable.size());
      durable.subList((int) first - 1, durable.size()).clear();
      durable.addAll(entries);
    }
  }

  /** Term, vote and commit index, durably. */
  public HardState hardState() {
    return hardState;
  }

  /** The durable entries, from index 1. */
  public List<Entry> durableEntries() {
    return durable;
  }

  /** The log as the node sees it: with all writes. */
  public List<Entry> image() {
    List<Entry> image = new ArrayList<>(durable);
    for (AppendToLog write : pending) {
      if (!write.entries().isEmpty()) {
        image.subList((int) write.entries().get(0).index() - 1, image.size()).clear();
        image.addAll(write.entries());
      }
    }
    return image;
  }

  /** Bounds and terms of what is durable. */
  public LogExtent extent() {
    return LogExtent.of(
        SnapshotMark.NONE, durable.size(), index -> durable.get((int) index - 1).term(), List.of());
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    Invariant.check(
        toIndex <= durable.size(), "entry %s read, durable are %s", toIndex, durable.size());
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : durable.subList((int) fromIndex - 1, (int) toIndex)) {
      bytes += entry.payload().length;
      if (!entries.isEmpty() && bytes > payloadBytesMax) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }
}
