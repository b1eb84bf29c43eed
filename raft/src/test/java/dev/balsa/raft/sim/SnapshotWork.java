package dev.balsa.raft.sim;

import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Input;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What a server's snapshot thread has to do, in order: parts to be read and sent, or stored. */
final class SnapshotWork {
  private final Life life;
  private final Server server;
  private final ArrayDeque<Effect> queue = new ArrayDeque<>();

  SnapshotWork(Life life, Server server) {
    this.life = life;
    this.server = server;
  }

  void add(Effect work) {
    queue.add(work);
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  int size() {
    return queue.size();
  }

  void clear() {
    queue.clear();
  }

  /** Does the oldest piece; answers with what the core is to be told, if anything. */
  @Nullable Input work(Action.Outcome outcome) {
    Effect work = queue.poll();
    if (work instanceof Effect.SnapshotSent sent) {
      server.machine().sent(sent.to(), sent.id());
      life.totals().snapshotsSent++;
      return null;
    }
    if (work instanceof Effect.ReadSnapshotChunk read) {
      return read(read, outcome);
    }
    return work instanceof Effect.StoreSnapshotChunk store ? store(store, outcome) : null;
  }

  private Input read(Effect.ReadSnapshotChunk read, Action.Outcome outcome) {
    Machine machine = server.machine();
    byte[] content =
        outcome == Action.Outcome.FAILS
            ? null
            : machine.read(read.to(), read.id(), read.offset(), read.bytesMax());
    if (content == null) {
      return new Input.SnapshotReadFailed(read.to(), read.id());
    }
    boolean last = machine.isLast(read.to(), read.id(), read.offset() + content.length);
    CRC32C crc = new CRC32C();
    crc.update(content);
    if (outcome == Action.Outcome.GARBLED && content.length > 0) {
      content[0] ^= 1;
    }
    return new Input.SnapshotChunkRead(
        read.to(), read.id(), read.offset(), content, (int) crc.getValue(), last);
  }

  private Input store(Effect.StoreSnapshotChunk store, Action.Outcome outcome) {
    Machine machine = server.machine();
    long stored =
        outcome == Action.Outcome.FAILS
            ? -1
            : machine.store(store.id(), store.mark(), store.offset(), store.content());
    boolean complete =
        stored >= 0
            && store.last()
            && stored == store.offset() + store.content().length
            && machine.complete(store.id());
    if (stored < 0 || (store.last() && !complete)) {
      machine.dropArriving();
      return new Input.SnapshotStoreFailed(store.id());
    }
    if (complete) {
      life.watch()
          .arrived(server, store.mark(), Objects.requireNonNull(machine.arrived(store.id())));
    }
    return new Input.SnapshotChunkStored(store.id(), stored, complete);
  }

  @Override
  public String toString() {
    return queue.toString();
  }
}
