package dev.balsa.raft.model;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntrySource;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.core.StateSink;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node has durably: its log, its hard state and the state machine's newest snapshot; and the
 * writes that are not durable yet, in order. A crash keeps some of those from the front, and of the
 * next perhaps a part.
 */
final class ModelDisk implements EntrySource {
  private SnapshotMark base = SnapshotMark.NONE;
  private SnapshotMark snapshot = SnapshotMark.NONE;
  private final List<Entry> durable = new ArrayList<>();
  private final List<Effect> pending = new ArrayList<>();
  private HardState hardState = HardState.INITIAL;

  ModelDisk copy() {
    ModelDisk copy = new ModelDisk();
    copy.base = base;
    copy.snapshot = snapshot;
    copy.durable.addAll(durable);
    copy.pending.addAll(pending);
    copy.hardState = hardState;
    return copy;
  }

  void describe(StateSink sink) {
    sink.mark(base);
    sink.mark(snapshot);
    describe(sink, hardState);
    sink.number("durable", durable.size());
    durable.forEach(entry -> Packet.describe(sink, entry));
    sink.number("pending", pending.size());
    for (Effect effect : pending) {
      sink.number("write", effect.getClass().getSimpleName().hashCode());
      if (effect instanceof AppendToLog write) {
        describe(sink, write.hardState());
        sink.number("entries", write.entries().size());
        write.entries().forEach(entry -> Packet.describe(sink, entry));
      } else if (effect instanceof InstallSnapshot install) {
        describe(sink, install.hardState());
        sink.snapshotId(install.id());
        sink.mark(install.mark());
      } else {
        sink.mark(((CompactLog) effect).mark());
      }
      for (Send send : whenDurable(effect)) {
        sink.begin("when durable");
        sink.node("to", send.to());
        Packet.describe(sink, send.message());
        sink.end();
      }
    }
  }

  private static void describe(StateSink sink, HardState hardState) {
    sink.number("term", hardState.term());
    sink.node("votedFor", hardState.votedFor());
    sink.number("committed", hardState.committed());
  }

  private static List<Send> whenDurable(Effect effect) {
    if (effect instanceof AppendToLog write) {
      return write.whenDurable();
    }
    return effect instanceof InstallSnapshot install ? install.whenDurable() : List.of();
  }

  void write(Effect effect) {
    pending.add(effect);
    dropCompactions();
  }

  /** Compactions that nothing comes before: they need no force. */
  private void dropCompactions() {
    while (!pending.isEmpty() && pending.get(0) instanceof CompactLog compaction) {
      pending.remove(0);
      compact(compaction.mark());
    }
  }

  private void compact(SnapshotMark mark) {
    if (mark.index() > base.index()) {
      int count = (int) Math.min(mark.index() - base.index(), durable.size());
      durable.subList(0, count).clear();
      base = mark;
    }
  }

  List<Effect> pending() {
    return pending;
  }

  /** Number of writes that are not durable. */
  int pendingWrites() {
    return (int) pending.stream().filter(effect -> !(effect instanceof CompactLog)).count();
  }

  /** What one force did: the number of the write, and what may be sent now. */
  record Forced(long write, List<Send> sends) {}

  /** Makes the oldest write durable. */
  Forced force() {
    Effect oldest = pending.remove(0);
    Forced forced;
    if (oldest instanceof AppendToLog write) {
      hardState = write.hardState();
      keep(write.entries());
      forced = new Forced(write.write(), write.whenDurable());
    } else {
      InstallSnapshot install = (InstallSnapshot) oldest;
      hardState = install.hardState();
      snapshot = install.mark();
      base = install.mark();
      durable.clear();
      forced = new Forced(install.write(), install.whenDurable());
    }
    dropCompactions();
    return forced;
  }

  private void keep(List<Entry> entries) {
    if (!entries.isEmpty()) {
      int kept = (int) (entries.get(0).index() - 1 - base.index());
      Invariant.check(
          kept >= 0 && kept <= durable.size(), "write of %s after %s", entries, lastIndex());
      durable.subList(kept, durable.size()).clear();
      durable.addAll(entries);
    }
  }

  /** In how many ways the first write that a crash does not keep whole can be torn. */
  int tornWays(int writesKept) {
    int seen = 0;
    for (Effect effect : pending) {
      if (!(effect instanceof CompactLog)) {
        if (seen == writesKept) {
          return effect instanceof AppendToLog write ? write.entries().size() : 1;
        }
        seen++;
      }
    }
    return 0;
  }

  /**
   * Loses power: of the writes not yet forced the first {@code writesKept} reached the disk, and of
   * the next one its hard state and the first {@code entriesKept} entries, if that is not negative;
   * of a snapshot the content, but not that the log was reset.
   */
  void crash(int writesKept, int entriesKept) {
    for (int i = 0; i < writesKept; i++) {
      force();
    }
    if (entriesKept >= 0) {
      if (pending.get(0) instanceof AppendToLog torn) {
        hardState = torn.hardState();
        keep(torn.entries().subList(0, entriesKept));
      } else {
        snapshot = ((InstallSnapshot) pending.get(0)).mark();
      }
    }
    pending.clear();
    boolean contained =
        snapshot.index() <= base.index()
            || (snapshot.index() <= lastIndex() && termAt(snapshot.index()) == snapshot.term());
    if (!contained) { // what the driver does at a start
      base = snapshot;
      durable.clear();
    }
  }

  /** The state machine's state is a snapshot now, durably. */
  void snapshot(SnapshotMark taken) {
    snapshot = taken;
  }

  SnapshotMark snapshot() {
    return snapshot;
  }

  HardState hardState() {
    return hardState;
  }

  long baseIndex() {
    return base.index();
  }

  /** The configuration that the log holds: of its newest entry that is one, or of its base. */
  Configuration configuration(Configuration initial) {
    for (int i = durable.size() - 1; i >= 0; i--) {
      if (durable.get(i).type() == EntryType.CONFIGURATION) {
        return ConfigurationCodec.decode(durable.get(i).payload());
      }
    }
    return base.index() > 0 ? base.configuration() : initial;
  }

  long lastIndex() {
    return base.index() + durable.size();
  }

  private long termAt(long index) {
    return durable.get((int) (index - base.index() - 1)).term();
  }

  /** The durable entries, after the base. */
  List<Entry> durable() {
    return durable;
  }

  /** Whether that entry is durable, or was and is now part of a snapshot. */
  boolean holds(Entry entry) {
    return entry.index() <= base.index()
        || (entry.index() <= lastIndex()
            && durable.get((int) (entry.index() - base.index() - 1)).equals(entry));
  }

  /** The disk as it will be when all is written. */
  ModelDisk image() {
    ModelDisk image = copy();
    while (!image.pending.isEmpty()) {
      image.force();
    }
    return image;
  }

  LogExtent extent() {
    List<Entry> configurations =
        durable.stream().filter(entry -> entry.type() == EntryType.CONFIGURATION).toList();
    return LogExtent.of(base, lastIndex(), this::termAt, configurations);
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    int offset = (int) (base.index() + 1);
    for (Entry entry : durable.subList((int) fromIndex - offset, (int) toIndex + 1 - offset)) {
      bytes += entry.payload().length;
      if (!entries.isEmpty() && bytes > payloadBytesMax) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }
}
