package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Snapshots;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A snapshot as a sender gave it, with checkpoints while it was read: to be sent as often as
 * wanted.
 *
 * @param content all that was read
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SentSnapshot(SnapshotId id, SnapshotMark mark, byte[] content) {
  private static final int PART_BYTES = 5_000;

  /** Reads the present one; the leader goes on writing meanwhile. */
  static SentSnapshot of(SceneLog log, long sequence) throws Exception {
    CrashScene.settle(log.leader);
    SnapshotMark mark = log.leader.markAt(log.leader.snapshotTaken());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Snapshots.Source source = log.leader.machine().snapshots().open(mark.index())) {
      boolean last = false;
      while (!last) {
        Snapshots.Source.Part part = source.read(out.size(), PART_BYTES);
        out.writeBytes(part.content());
        last = part.last();
        if (out.size() == 2 * PART_BYTES) {
          log.write("a.db", "UPDATE t SET v = randomblob(700) WHERE id % 2");
          log.insert("a.db", 4);
          CrashScene.settle(log.leader);
        }
      }
    }
    return new SentSnapshot(
        new SnapshotId(9, mark.index(), mark.term(), sequence), mark, out.toByteArray());
  }

  /** Sends it up to there, or from where the receiver is. */
  void sendPartly(HandRaft to, int bytes) throws Exception {
    try (Snapshots.Sink sink = to.machine().snapshots().receive(id, mark)) {
      write(sink, bytes);
    }
  }

  private void write(Snapshots.Sink sink, int bytes) throws Exception {
    while (sink.offset() < bytes) {
      int from = (int) sink.offset();
      sink.write(Arrays.copyOfRange(content, from, Math.min(bytes, from + PART_BYTES)));
    }
  }

  /** Sends it, or the rest of it, and has it installed. */
  void send(HandRaft to) throws Exception {
    try (Snapshots.Sink sink = to.machine().snapshots().receive(id, mark)) {
      write(sink, content.length);
      sink.complete();
    }
    assertThat(mark.index()).isGreaterThan(to.machine().appliedIndex());
    CompletableFuture<?> installed = to.machine().snapshots().install(id, mark);
    Writers.awaitThat(() -> installed.isDone() || to.failure() != null);
    assertThat(to.failure()).isNull();
    to.begin(mark);
  }

  /** The node came back: what it has a part of goes on, or else the first that it needs comes. */
  static void sendAfterCrash(List<SentSnapshot> all, HandRaft to) throws Exception {
    Path begun = to.folder().resolve("_incoming/_id");
    byte[] known = Files.exists(begun) ? Files.readAllBytes(begun) : new byte[0];
    long sequence =
        known.length < 4 * Long.BYTES ? 0 : ByteBuffer.wrap(known).getLong(3 * Long.BYTES);
    List<SentSnapshot> needed =
        all.stream().filter(each -> each.mark.index() > to.machine().appliedIndex()).toList();
    for (SentSnapshot each : needed) {
      if (each.id.sequence() == sequence) {
        each.send(to);
        return;
      }
    }
    if (!needed.isEmpty()) {
      needed.get(0).send(to);
    }
  }
}
