package dev.balsa.fsm;

import dev.balsa.raft.Snapshots;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.SnapshotId;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What a node's snapshot thread does: reads what is sent, and stores what arrives, in order. */
final class SimSnapshotWork {
  private final SimCluster cluster;
  private final SimRaft raft;
  private final Snapshots snapshots;
  private final Map<SnapshotId, Sending> sending = new HashMap<>();
  private @Nullable SnapshotId arriving;
  private Snapshots.@Nullable Sink sink;
  private @Nullable SnapshotId complete;
  private long completeBytes;
  private long freeAt;
  private boolean closed;

  private record Sending(Snapshots.Source source, Set<Long> peers) {}

  SimSnapshotWork(SimCluster cluster, SimRaft raft, Snapshots snapshots) {
    this.cluster = cluster;
    this.raft = raft;
    this.snapshots = snapshots;
  }

  void perform(Effect effect) {
    if (effect instanceof Effect.ReadSnapshotChunk read) {
      later(() -> read(read));
    } else if (effect instanceof Effect.StoreSnapshotChunk store) {
      later(() -> store(store));
    } else if (effect instanceof Effect.SnapshotSent sent) {
      later(() -> sent(sent));
    }
  }

  private void later(Runnable work) {
    SimScheduler scheduler = cluster.scheduler();
    freeAt = Math.max(freeAt, scheduler.now()) + 1 + scheduler.draw(500_000);
    scheduler.after(
        freeAt - scheduler.now(),
        "snapshot",
        () -> {
          if (!closed) {
            work.run();
          }
        });
  }

  /** The node dies. */
  void close() {
    closed = true;
    sending.values().forEach(each -> each.source().close());
    sending.clear();
    drop();
  }

  private void drop() {
    Snapshots.Sink open = sink;
    sink = null;
    arriving = null;
    if (open != null) {
      open.close();
    }
  }

  private void read(Effect.ReadSnapshotChunk read) {
    try {
      Sending open = sending.get(read.id());
      if (open == null) {
        if (read.offset() != 0) {
          throw new IOException("it is not open any more");
        }
        open = new Sending(snapshots.open(read.id().index()), new HashSet<>());
        sending.put(read.id(), open);
      }
      open.peers().add(read.to());
      Snapshots.Source.Part part = open.source().read(read.offset(), read.bytesMax());
      CRC32C crc = new CRC32C();
      crc.update(part.content());
      raft.input(
          new Input.SnapshotChunkRead(
              read.to(),
              read.id(),
              read.offset(),
              part.content(),
              (int) crc.getValue(),
              part.last()));
    } catch (IOException e) {
      cluster.totals().count("snapshots that could not be read");
      close(read.id());
      raft.input(new Input.SnapshotReadFailed(read.to(), read.id()));
    }
  }

  private void sent(Effect.SnapshotSent sent) {
    Sending open = sending.get(sent.id());
    if (open != null && open.peers().remove(sent.to()) && open.peers().isEmpty()) {
      close(sent.id());
    }
  }

  private void close(SnapshotId id) {
    Sending open = sending.remove(id);
    if (open != null) {
      open.source().close();
    }
  }

  private void store(Effect.StoreSnapshotChunk chunk) {
    if (chunk.id().equals(complete) && sink == null && chunk.offset() != 0) {
      raft.input(new Input.SnapshotChunkStored(chunk.id(), completeBytes, true));
      return;
    }
    try {
      Snapshots.Sink open = sink;
      if (open == null || !chunk.id().equals(arriving)) {
        if (chunk.offset() != 0) {
          raft.input(new Input.SnapshotChunkStored(chunk.id(), 0, false));
          return;
        }
        drop();
        open = snapshots.receive(chunk.id(), chunk.mark());
        sink = open;
        arriving = chunk.id();
      }
      long skip = open.offset() - chunk.offset();
      if (skip >= 0 && skip < chunk.content().length) {
        open.write(
            java.util.Arrays.copyOfRange(chunk.content(), (int) skip, chunk.content().length));
      }
      long offset = open.offset();
      boolean whole = chunk.last() && offset == chunk.offset() + chunk.content().length;
      if (whole) {
        open.complete();
        complete = chunk.id();
        completeBytes = offset;
        drop();
      }
      raft.input(new Input.SnapshotChunkStored(chunk.id(), offset, whole));
    } catch (IOException e) {
      cluster.totals().count("snapshots that could not be stored");
      drop();
      raft.input(new Input.SnapshotStoreFailed(chunk.id()));
    }
  }
}
