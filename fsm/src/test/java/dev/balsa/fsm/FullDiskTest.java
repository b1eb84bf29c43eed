package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Snapshots;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chosen files of a node find no room, once. */
@Timeout(120)
final class FullDiskTest {
  @TempDir Path temp;

  /** Some write to files whose name ends with a text finds no room. */
  private static final class NoRoom extends OtherFiles {
    private final String end;
    private final AtomicInteger left;

    /** The {@code nth} from now, from 1. */
    NoRoom(String end, int nth) {
      super(FileLayer.SYSTEM);
      this.end = end;
      this.left = new AtomicInteger(nth);
    }

    @Override
    void writes(Path path) throws IOException {
      if (path.toString().endsWith(end) && left.decrementAndGet() == 0) {
        throw new IOException(path + ": No space left on device");
      }
    }

    boolean hasFailed() {
      return left.get() <= 0;
    }
  }

  private HandRaft open(String name, CheckpointPolicy policy, FileLayer files) throws IOException {
    return HandRaft.open(
        CrashScene.config(Files.createTempDirectory(temp, name), policy),
        new EngineParts(EngineDecisions.SOUND, PipelineLimits.DEFAULT, files));
  }

  /** A snapshot whose database is ahead of it by a transaction in parts, and the log after it. */
  private static void transferWithATransactionInParts(SceneLog log, HandRaft to) throws Exception {
    CrashScene.settle(log.leader);
    SnapshotMark mark = log.leader.markAt(log.leader.snapshotTaken());
    SnapshotId id = new SnapshotId(9, mark.index(), mark.term(), 1);
    try (Snapshots.Source source = log.leader.machine().snapshots().open(mark.index());
        Snapshots.Sink sink = to.machine().snapshots().receive(id, mark)) {
      sink.write(source.read(0, 2_000).content());
      log.write("a.db", "INSERT INTO t(v) SELECT randomblob(900) FROM t, t AS u LIMIT 40");
      CrashScene.settle(log.leader); // it is in the main file now
      boolean last = false;
      while (!last) {
        Snapshots.Source.Part part = source.read(sink.offset(), 100_000);
        sink.write(part.content());
        last = part.last();
      }
      sink.complete();
    }
    to.machine().snapshots().install(id, mark).get();
    to.begin(mark);
    assertThat(to.machine().databases())
        .extracting(DatabaseStatus::phase)
        .contains(DatabaseStatus.Phase.RECOVERING);
  }

  private static void followToTheEnd(SceneLog log, HandRaft follower) throws Exception {
    for (Entry entry : log.between(follower.lastIndex(), log.leader.lastIndex())) {
      follower.receive(entry);
    }
    CrashScene.settle(follower);
    assertThat(follower.failure()).isNull();
    assertThat(follower.machine().databases())
        .extracting(DatabaseStatus::name, DatabaseStatus::phase, DatabaseStatus::checksum)
        .isEqualTo(
            log.leader.machine().databases().stream()
                .map(
                    each ->
                        org.assertj.core.groups.Tuple.tuple(
                            each.name(), each.phase(), each.checksum()))
                .toList());
  }

  /** The pages of all its parts are written when the last one is there: that can be repeated. */
  @Test
  void aTransactionInPartsIsRedoneOnceThereIsRoom() throws Exception {
    NoRoom files = new NoRoom("databases/a.db", 1);
    try (SceneLog log = new SceneLog(temp, CrashScene.policy(4, 1_000));
        HandRaft follower = open("follower", CrashScene.NEVER, files)) {
      log.insert("a.db", 10);
      transferWithATransactionInParts(log, follower);
      assertThat(files.hasFailed()).isFalse();
      followToTheEnd(log, follower);
      assertThat(files.hasFailed()).isTrue();
    }
  }

  @Test
  void aDatabaseThatIsRecoveredIsServedOnceTheCatalogueHasRoom() throws Exception {
    for (int nth = 1; nth <= 4; nth++) {
      NoRoom files = new NoRoom("_catalogue.a", nth);
      try (SceneLog log =
              new SceneLog(Files.createTempDirectory(temp, "log"), CrashScene.policy(4, 1_000));
          HandRaft follower = open("follower", CrashScene.NEVER, files)) {
        log.insert("a.db", 10);
        transferWithATransactionInParts(log, follower);
        followToTheEnd(log, follower);
      }
    }
  }

  /** Wherever the catalogue has no room: what it says later is right all the same. */
  @Test
  void checkpointsAndTurnsArePutOff() throws Exception {
    try (SceneLog log = new SceneLog(temp, CrashScene.NEVER)) {
      boolean failed = true;
      for (int nth = 2; failed; nth++) {
        NoRoom files = new NoRoom("_catalogue.a", nth);
        try (HandRaft follower = open("follower", CrashScene.policy(4, 8), files)) {
          for (Entry entry : log.entries()) {
            follower.receive(entry);
            CrashScene.settle(follower);
          }
          followToTheEnd(log, follower);
          follower.restart();
          followToTheEnd(log, follower);
        }
        failed = files.hasFailed();
      }
    }
  }

  @Test
  void aForceThatFailedIsNotWaitedOut() {
    IOException full = new IOException("No space left on device");
    RoomWait room = new RoomWait(EngineThreads.SYSTEM);
    room.end(); // so that nobody waits for ever
    assertThatThrownBy(
            () ->
                room.await(
                    "a.db",
                    () -> {
                      throw new FileLayer.ForceFailedException(full);
                    }))
        .isInstanceOf(BalsaException.class)
        .hasMessage("a.db: No space left on device");
  }
}
