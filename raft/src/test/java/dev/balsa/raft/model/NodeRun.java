package dev.balsa.raft.model;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.core.TraceSink;
import dev.balsa.raft.model.Bounds.Feature;
import dev.balsa.raft.sim.Cores;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A node while something happens to it: a copy of a {@link ModelNode}, which becomes another. */
final class NodeRun {
  /** The last election timeout that can be drawn: ever the same. */
  private static final RandomGenerator CONSTANT =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return 0;
        }

        @Override
        public int nextInt(int bound) {
          return bound - 1;
        }
      };

  /** More ticks than any timeout. */
  private static final int TICKS_MAX = 20;

  private static final byte[] CONTENT = {1};

  private final Bounds bounds;
  private final CoreConfig config;
  private final Cores cores;
  private final ModelDisk disk;
  private final ArrayDeque<Input> next = new ArrayDeque<>();
  private final List<Packet> sent = new ArrayList<>();
  private final List<Happening> happenings = new ArrayList<>();
  private Raft raft;
  private long handed;

  /** A node that has never run. */
  NodeRun(Bounds bounds, CoreConfig config, Cores cores) {
    this.bounds = bounds;
    this.config = config;
    this.cores = cores;
    this.disk = new ModelDisk();
    this.raft = start();
  }

  /** A copy of a node. */
  NodeRun(Bounds bounds, CoreConfig config, Cores cores, ModelNode from) {
    this.bounds = bounds;
    this.config = config;
    this.cores = cores;
    this.disk = from.disk.copy();
    this.raft = from.raft.copy(disk, CONSTANT, TraceSink.none());
    this.handed = from.handed;
  }

  private Raft start() {
    handed = disk.snapshot().index();
    return cores.create(
        config, disk.hardState(), disk.extent(), handed, disk, CONSTANT, TraceSink.none());
  }

  List<Packet> sent() {
    return sent;
  }

  List<Happening> happenings() {
    return happenings;
  }

  /** The node as it is now. */
  ModelNode end(FingerprintSink sink) {
    int id = (int) config.nodeId();
    sink.node("node", id);
    raft.describe(sink);
    disk.describe(sink);
    sink.number("handed", handed);
    ModelNode node = new ModelNode(id, raft, disk, handed, bounds.initial(), sink);
    Invariant.check(
        node.lastIndex() == raft.lastIndex() && node.baseIndex == raft.firstIndex() - 1,
        "the core's log is from %s to %s, the log store's from %s to %s",
        raft.firstIndex(),
        raft.lastIndex(),
        node.baseIndex + 1,
        node.lastIndex());
    return node;
  }

  // ---- what can happen

  void deliver(Packet packet) {
    step(new Input.Received(packet.from(), packet.message()));
  }

  /** Time passes until the node stands for election, if it may. */
  void timeOut() {
    boolean asked = false;
    for (int i = 0; i < TICKS_MAX && !asked; i++) {
      step(new Input.Tick());
      asked = raft.leadership().role() == Role.PRE_CANDIDATE && asks();
    }
  }

  private boolean asks() {
    return sent.stream().anyMatch(packet -> packet.message() instanceof Message.PreVoteRequest);
  }

  void ticks(int count) {
    for (int i = 0; i < count; i++) {
      step(new Input.Tick());
    }
  }

  void loseTime() {
    step(new Input.TimeLost());
  }

  void force(boolean all) {
    long write = 0;
    do {
      ModelDisk.Forced forced = disk.force();
      write = forced.write();
      send(forced.sends());
    } while (all && disk.pendingWrites() > 0);
    step(new Input.LogDurable(write));
  }

  /** Loses what is not durable, and starts again. */
  void crash(int writesKept, int entriesKept) {
    List<Entry> before = disk.image().durable();
    disk.crash(writesKept, entriesKept);
    happenings.add(new Happening.Crashed(!disk.durable().equals(before)));
    raft = start();
  }

  void propose(int payload) {
    step(new Input.Proposed(1, raft.leadership().term(), new byte[] {(byte) payload}));
  }

  void read(int number) {
    step(new Input.ReadRequested(number));
  }

  void leaseRead(int number) {
    step(new Input.LeaseReadRequested(number));
  }

  void apply() {
    step(new Input.Applied(handed));
  }

  /** The state machine takes a snapshot of all that it has applied. */
  void snapshot(SnapshotMark mark) {
    disk.snapshot(mark);
    step(new Input.SnapshotTaken(mark.index()));
  }

  void transfer(int target) {
    step(new Input.TransferRequested(1, target));
  }

  void configure(int target) {
    step(
        new Input.ConfigurationProposed(1, raft.leadership().term(), bounds.targets().get(target)));
  }

  // ---- what comes of it

  private void step(Input input) {
    next.add(input);
    while (!next.isEmpty()) {
      for (Effect effect : raft.step(next.removeFirst())) {
        take(effect);
      }
      boolean quick = !bounds.has(Feature.SLOW_DISKS) && next.isEmpty();
      if (quick && disk.pendingWrites() > 0) {
        ModelDisk.Forced forced = disk.force();
        send(forced.sends());
        next.add(new Input.LogDurable(forced.write()));
      }
    }
  }

  private void send(List<Send> sends) {
    sends.forEach(this::take);
  }

  private void take(Effect effect) {
    if (effect instanceof Send send) {
      sent.add(new Packet((int) config.nodeId(), (int) send.to(), send.message()));
    } else if (effect instanceof Effect.AppendToLog || effect instanceof Effect.CompactLog) {
      disk.write(effect);
    } else if (effect instanceof Effect.InstallSnapshot install) {
      disk.write(effect);
      handed = install.mark().index();
      happenings.add(new Happening.Installed(install.mark()));
    } else if (effect instanceof Effect.Apply apply) {
      handed = apply.entries().get(apply.entries().size() - 1).index();
      happenings.add(new Happening.Applied(apply.entries()));
      if (!bounds.has(Feature.SLOW_MACHINES)) {
        next.add(new Input.Applied(handed));
      }
    } else if (effect instanceof Effect.ReadReady ready) {
      happenings.add(new Happening.ReadReady((int) ready.read(), ready.index()));
    } else if (effect instanceof Effect.ReadRefused refused) {
      happenings.add(new Happening.ReadRefused((int) refused.read()));
    } else {
      Input answer = answer(effect);
      if (answer != null) {
        next.add(answer);
      }
    }
  }

  /** The snapshot's store answers at once. */
  private @Nullable Input answer(Effect effect) {
    if (effect instanceof Effect.ReadSnapshotChunk read) {
      if (disk.snapshot().index() != read.id().index()) {
        return new Input.SnapshotReadFailed(read.to(), read.id());
      }
      CRC32C crc = new CRC32C();
      crc.update(CONTENT);
      return new Input.SnapshotChunkRead(
          read.to(), read.id(), read.offset(), CONTENT, (int) crc.getValue(), true);
    }
    if (effect instanceof Effect.StoreSnapshotChunk store) {
      return new Input.SnapshotChunkStored(
          store.id(), store.offset() + store.content().length, store.last());
    }
    return null;
  }
}
