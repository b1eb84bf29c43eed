package dev.balsa.raft;

import dev.balsa.raft.core.Effect.ReadSnapshotChunk;
import dev.balsa.raft.core.Effect.SnapshotSent;
import dev.balsa.raft.core.Effect.StoreSnapshotChunk;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.SnapshotId;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that reads snapshots which are sent and stores those which arrive: both may block.
 * What it is asked for it does in order; how much that can be the core bounds (chunks in flight).
 */
final class SnapshotWorker {
  private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);

  /** A snapshot that is open for sending, and for whom. */
  private record Sending(Snapshots.Source source, Set<Long> peers) {}

  /** The one that arrives. */
  private record Arriving(SnapshotId id, Snapshots.Sink sink, SnapshotContent.Receiver content) {}

  private record Complete(SnapshotId id, long bytes, UUID clusterId) {}

  /** What is done on the thread. */
  private interface Work {
    void run();
  }

  private static final Work STOP = () -> {};

  private final long nodeId;
  private final Snapshots snapshots;
  private final KeptClusterId clusterId;
  private final Consumer<Input> answers;
  private final Consumer<Throwable> failed;
  private final LinkedBlockingQueue<Work> queue = new LinkedBlockingQueue<>();
  private final Map<SnapshotId, Sending> sending = new HashMap<>();
  private final Thread thread;
  private @Nullable Arriving arriving;

  /** What is complete where snapshots are received, until another one begins there. */
  private @Nullable Complete kept;

  /** The last one that was told to be complete. */
  private volatile @Nullable Complete complete;

  private volatile boolean stopping;

  /**
   * Prepares the thread.
   *
   * @param answers takes what the core is to be told, on the snapshot thread
   * @param failed told, there too, why the thread has ended
   */
  SnapshotWorker(
      long nodeId,
      Snapshots snapshots,
      KeptClusterId clusterId,
      Consumer<Input> answers,
      Consumer<Throwable> failed) {
    this.nodeId = nodeId;
    this.snapshots = snapshots;
    this.clusterId = clusterId;
    this.answers = answers;
    this.failed = failed;
    thread = new Thread(this::work, "balsa-snapshot-" + nodeId);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void add(ReadSnapshotChunk read) {
    queue.add(() -> read(read));
  }

  void add(StoreSnapshotChunk store) {
    queue.add(() -> store(store));
  }

  void add(SnapshotSent sent) {
    queue.add(() -> sent(sent));
  }

  /** The cluster that a snapshot is of, which was told to be complete. From any thread. */
  UUID clusterOf(SnapshotId id) {
    Complete last = complete;
    Invariant.check(last != null && last.id().equals(id), "%s is not the last that came", id);
    return Objects.requireNonNull(last).clusterId();
  }

  /** Lets the thread end after what it is doing. */
  void stop() {
    stopping = true;
    queue.add(STOP);
  }

  /** Waits until the thread has ended. */
  void join() {
    Threads.join(thread);
  }

  private void work() {
    try {
      while (!stopping) {
        queue.take().run();
      }
    } catch (Throwable t) {
      failed.accept(t);
    } finally {
      sending.values().forEach(each -> each.source().close());
      drop();
    }
  }

  // ---- sending

  private void read(ReadSnapshotChunk read) {
    try {
      Sending open = sending.get(read.id());
      if (open == null) {
        if (read.offset() != 0) {
          throw new IOException("it is not open any more");
        }
        open = new Sending(snapshots.open(read.id().index()), new HashSet<>());
        sending.put(read.id(), open);
        LOG.info(
            "node {} sends its snapshot at index {} to node {}",
            nodeId,
            read.id().index(),
            read.to());
      }
      open.peers().add(read.to());
      UUID cluster = clusterId.get();
      Invariant.check(cluster != null, "a snapshot is sent, and the cluster's id was not kept");
      Snapshots.Source.Part part =
          SnapshotContent.read(
              open.source(), Objects.requireNonNull(cluster), read.offset(), read.bytesMax());
      Invariant.check(
          part.content().length <= read.bytesMax() && (part.last() || part.content().length > 0),
          "a part of %s bytes, of at most %s",
          part.content().length,
          read.bytesMax());
      answers.accept(
          new Input.SnapshotChunkRead(
              read.to(),
              read.id(),
              read.offset(),
              part.content(),
              checksum(part.content()),
              part.last()));
    } catch (IOException e) {
      LOG.warn("node {} cannot read its snapshot at index {}: {}", nodeId, read.id().index(), e);
      close(read.id());
      answers.accept(new Input.SnapshotReadFailed(read.to(), read.id()));
    }
  }

  private void sent(SnapshotSent sent) {
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

  /** CRC-32C, as a message carries it; the receiver's core compares it. */
  private static int checksum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content, 0, content.length);
    return (int) crc.getValue();
  }

  // ---- arriving

  private void store(StoreSnapshotChunk chunk) {
    Complete last = kept;
    if (last != null && last.id().equals(chunk.id())) {
      // Sent twice. Also if it is the beginning: to receive it anew would take from under an
      // installation what that is moving into place.
      answers.accept(new Input.SnapshotChunkStored(chunk.id(), last.bytes(), true));
      return;
    }
    try {
      Arriving here = arriving;
      if (here == null || !here.id().equals(chunk.id())) {
        if (chunk.offset() != 0) {
          // This node was restarted meanwhile, or has given the beginning up. The sender goes back
          // there, and hears then how much of it is still here.
          answers.accept(new Input.SnapshotChunkStored(chunk.id(), 0, false));
          return;
        }
        here = begin(chunk);
      }
      SnapshotContent.Receiver content = here.content();
      if (chunk.offset() <= content.offset()) {
        content.take(chunk.offset(), chunk.content());
      }
      boolean whole = chunk.last() && content.offset() == chunk.offset() + chunk.content().length;
      if (whole) {
        complete(here);
      }
      answers.accept(new Input.SnapshotChunkStored(chunk.id(), content.offset(), whole));
    } catch (IOException | LogFullException e) {
      LOG.warn(
          "node {} cannot store the snapshot at index {} from node {}: {}",
          nodeId,
          chunk.id().index(),
          chunk.id().sender(),
          e.toString());
      drop();
      answers.accept(new Input.SnapshotStoreFailed(chunk.id()));
    }
  }

  private Arriving begin(StoreSnapshotChunk chunk) throws IOException {
    drop();
    kept = null;
    Snapshots.Sink sink = snapshots.receive(chunk.id(), chunk.mark());
    Arriving begun = new Arriving(chunk.id(), sink, new SnapshotContent.Receiver(sink));
    arriving = begun;
    LOG.info(
        "node {} receives a snapshot at index {} from node {}{}",
        nodeId,
        chunk.id().index(),
        chunk.id().sender(),
        sink.offset() == 0 ? "" : ", of which it has " + sink.offset() + " bytes");
    return begun;
  }

  /** Checked and durable, and so is the cluster's id: the state machine may install it. */
  private void complete(Arriving here) throws IOException {
    if (!here.content().knowsClusterId()) {
      throw new IOException("it ends before its content begins");
    }
    UUID cluster = here.content().clusterId();
    here.sink().complete();
    clusterId.keep(cluster);
    kept = new Complete(here.id(), here.content().offset(), cluster);
    complete = kept;
    drop();
  }

  private void drop() {
    Arriving here = arriving;
    arriving = null;
    if (here != null) {
      here.sink().close();
    }
  }
}
