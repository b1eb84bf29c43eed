package dev.balsa.raft.core;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Apply;
import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.ReadSnapshotChunk;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Effect.StoreSnapshotChunk;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One node of a {@link Story}: the real core, its disk, and a state machine that keeps the commands
 * it was given, and whose snapshots are these, line by line. What is asked of disk and state
 * machine is done when the story lets {@link #work}.
 */
final class StoryNode {
  /**
   * Draws long election timeouts, so that nobody stands whom the story does not want to, and for
   * each node another one: the higher its number, the sooner it stands.
   */
  private record Patience(long node) implements RandomGenerator {
    @Override
    public long nextLong() {
      return 1000;
    }

    @Override
    public int nextInt(int bound) {
      return (int) Math.max(0, bound - node);
    }
  }

  private final CoreConfig config;
  private final BiConsumer<Long, Send> network;
  private final BiConsumer<Long, Effect> answers;
  private final TraceSink trace;
  private final TestDisk disk = new TestDisk();
  private final Map<Long, String> snapshots = new TreeMap<>();
  private final ArrayDeque<Effect> snapshotWork = new ArrayDeque<>();
  private final List<String> state = new ArrayList<>();
  private @Nullable SnapshotId receiving;
  private ByteArrayOutputStream received = new ByteArrayOutputStream();
  private long applied;
  private long reported;
  private Raft raft;
  private Configuration toldOf;

  StoryNode(
      CoreConfig config,
      BiConsumer<Long, Send> network,
      BiConsumer<Long, Effect> answers,
      TraceSink trace) {
    this.config = config;
    this.network = network;
    this.answers = answers;
    this.trace = trace;
    raft = newRaft();
    toldOf = raft.configuration();
  }

  private Raft newRaft() {
    return new Raft(
        config, disk.hardState(), disk.extent(), applied, disk, new Patience(id()), trace);
  }

  long id() {
    return config.nodeId();
  }

  Raft raft() {
    return raft;
  }

  TestDisk disk() {
    return disk;
  }

  Leadership leadership() {
    return raft.leadership();
  }

  boolean isLeader() {
    return leadership().role() == Role.LEADER;
  }

  /** The configuration that the node's driver was told last: of its log, or by a leader. */
  Configuration toldOf() {
    return toldOf;
  }

  /** The commands that were applied. */
  List<String> state() {
    return state;
  }

  /** Loses what is not durable, and starts again; the state machine has kept what it applied. */
  void restart() {
    disk.crash();
    snapshotWork.clear();
    reported = applied;
    raft = newRaft();
    toldOf = raft.configuration();
    snapshots.keySet().forEach(index -> step(new Input.SnapshotTaken(index)));
  }

  void step(Input... inputs) {
    for (Effect effect : raft.step(List.of(inputs))) {
      if (effect instanceof Send send) {
        network.accept(id(), send);
      } else if (effect instanceof Apply apply) {
        apply.entries().forEach(this::apply);
      } else if (effect instanceof Effect.AppendToLog || effect instanceof CompactLog) {
        disk.write(effect);
      } else if (effect instanceof InstallSnapshot install) {
        disk.write(install);
        restore(install);
      } else if (effect instanceof ReadSnapshotChunk || effect instanceof StoreSnapshotChunk) {
        snapshotWork.add(effect);
      } else {
        if (effect instanceof Effect.ConfigurationChanged changed) {
          toldOf = changed.configuration();
        }
        answers.accept(id(), effect);
      }
    }
  }

  private void apply(Entry entry) {
    if (entry.type() == EntryType.COMMAND) {
      state.add(new String(entry.payload(), StandardCharsets.UTF_8));
    }
    applied = entry.index();
  }

  private void restore(InstallSnapshot install) {
    String content = received.toString(StandardCharsets.UTF_8);
    state.clear();
    content.lines().forEach(state::add);
    snapshots.put(install.mark().index(), content);
    applied = install.mark().index();
    reported = applied;
    receiving = null;
  }

  /** Takes a snapshot of all that is applied. */
  void takeSnapshot() {
    snapshots.put(applied, String.join("\n", state));
    step(new Input.SnapshotTaken(applied));
  }

  /** Disk and state machine do what was asked; whether there was anything. */
  boolean work() {
    boolean worked = disk.pendingWrites() > 0 || !snapshotWork.isEmpty() || applied > reported;
    List<TestDisk.Forced> forced = disk.force(disk.pendingWrites());
    forced.forEach(write -> write.whenDurable().forEach(send -> network.accept(id(), send)));
    if (!forced.isEmpty()) {
      step(new Input.LogDurable(forced.get(forced.size() - 1).write()));
    }
    if (!snapshotWork.isEmpty()) {
      Effect work = snapshotWork.removeFirst();
      if (work instanceof ReadSnapshotChunk read) {
        read(read);
      } else {
        store((StoreSnapshotChunk) work);
      }
    }
    if (applied > reported) {
      reported = applied;
      step(new Input.Applied(applied));
    }
    return worked;
  }

  private void read(ReadSnapshotChunk read) {
    String snapshot = snapshots.get(read.id().index());
    if (snapshot == null) {
      step(new Input.SnapshotReadFailed(read.to(), read.id()));
      return;
    }
    byte[] all = snapshot.getBytes(StandardCharsets.UTF_8);
    int from = (int) read.offset();
    byte[] part = Arrays.copyOfRange(all, from, Math.min(all.length, from + read.bytesMax()));
    CRC32C crc = new CRC32C();
    crc.update(part);
    boolean last = from + part.length == all.length;
    step(new Input.SnapshotChunkRead(read.to(), read.id(), from, part, (int) crc.getValue(), last));
  }

  private void store(StoreSnapshotChunk store) {
    if (!store.id().equals(receiving)) {
      receiving = store.id();
      received = new ByteArrayOutputStream();
    }
    boolean complete = false;
    if (store.offset() == received.size()) {
      received.writeBytes(store.content());
      complete = store.last();
    }
    step(new Input.SnapshotChunkStored(store.id(), received.size(), complete));
  }
}
