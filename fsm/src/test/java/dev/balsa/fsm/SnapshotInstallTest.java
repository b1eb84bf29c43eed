package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Snapshots;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that lags too far gets the main files, while they change. */
@Timeout(120)
final class SnapshotInstallTest {
  private static final CheckpointPolicy TINY =
      new CheckpointPolicy(8, 10, 1L << 40, 400, 4_000, Duration.ofSeconds(30));

  @TempDir Path folder;

  private HandRaft open(String name) {
    return HandRaft.open(FsmConfig.of(folder.resolve(name), name).withCheckpoints(TINY));
  }

  private static void insert(HandRaft raft, String database, int rows) {
    try (Session session = raft.session(database)) {
      session.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
      for (int i = 0; i < rows; i++) {
        session.execute("INSERT INTO t(v) VALUES (randomblob(1500))");
      }
    }
  }

  private static void awaitCheckpoint(HandRaft raft) {
    long index = raft.lastIndex() - 20;
    Writers.awaitThat(() -> raft.snapshotTaken() > index);
  }

  private static void follow(HandRaft follower, HandRaft leader) throws Exception {
    long next = follower.lastIndex();
    for (Entry entry : leader.committedEntries()) {
      if (entry.index() > next) {
        follower.receive(entry);
      }
    }
    follower.awaitApplied();
    assertThat(follower.failure()).isNull();
  }

  private static void assertSame(HandRaft a, HandRaft b) {
    assertThat(a.machine().databases())
        .extracting(DatabaseStatus::name, DatabaseStatus::phase, DatabaseStatus::checksum)
        .isEqualTo(
            b.machine().databases().stream()
                .map(
                    each ->
                        org.assertj.core.groups.Tuple.tuple(
                            each.name(), each.phase(), each.checksum()))
                .toList());
  }

  @Test
  void aSnapshotAndTheLogAfterItMakeTheSameDatabases() throws Exception {
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = open("follower")) {
      insert(leader, "a.db", 40);
      insert(leader, "b.db", 5);
      insert(leader, "a.db", 40);
      awaitCheckpoint(leader);
      leader.compact();
      follower.install(leader);
      follow(follower, leader);
      assertSame(follower, leader);
      insert(leader, "a.db", 10);
      follow(follower, leader);
      assertSame(follower, leader);
      follower.restart();
      assertSame(follower, leader);
    }
  }

  @Test
  void checkpointsGoOnWhileTheMainFilesAreCopied() throws Exception {
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = open("follower")) {
      insert(leader, "a.db", 100);
      awaitCheckpoint(leader);
      SnapshotMark mark = leader.markAt(leader.snapshotTaken());
      SnapshotId id = new SnapshotId(9, mark.index(), mark.term(), 1);
      try (Snapshots.Source source = leader.machine().snapshots().open(mark.index());
          Snapshots.Sink sink = follower.machine().snapshots().receive(id, mark)) {
        boolean last = false;
        while (!last) {
          Snapshots.Source.Part part = source.read(sink.offset(), 10_000);
          sink.write(part.content());
          last = part.last();
          if (!last && sink.offset() % 5 == 0) {
            try (Session session = leader.session("a.db")) {
              session.execute(
                  "UPDATE t SET v = randomblob(1500) WHERE id % 3 = ?", sink.offset() % 3);
            }
          }
        }
        sink.complete();
      }
      follower.machine().snapshots().install(id, mark).get(30, TimeUnit.SECONDS);
      follower.begin(mark);
      assertThat(follower.machine().databases().get(0).phase())
          .isEqualTo(DatabaseStatus.Phase.RECOVERING);
      assertThatThrownBy(() -> follower.session("a.db", SessionOptions.STALE).query("SELECT 1"))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("being recovered");
      follower.restart(); // nor does a restart let anybody see it
      assertThat(follower.machine().databases().get(0).phase())
          .isEqualTo(DatabaseStatus.Phase.RECOVERING);
      follow(follower, leader);
      assertSame(follower, leader);
    }
  }

  /** Two sessions at once may have asked for a database; one of them dropped it later. */
  @Test
  void aDatabaseThatWasDroppedBehindTheSnapshotsIndexIsNotMadeAgain() throws Exception {
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = open("follower")) {
      insert(leader, "b.db", 1);
      insert(leader, "a.db", 40);
      awaitCheckpoint(leader);
      SnapshotMark mark = leader.markAt(leader.snapshotTaken());
      byte[] again =
          EntryCodec.encodeCreate(new DatabaseName("b.db"), 4096, DatabaseTemplate.pages(4096));
      leader.receive(new Entry(1, leader.leadership().term(), EntryType.COMMAND, again));
      leader.machine().drop("b.db", Duration.ofSeconds(30));
      insert(leader, "a.db", 1);
      SnapshotId id = new SnapshotId(9, mark.index(), mark.term(), 1);
      follower.transfer(leader, id, mark);
      follower.machine().snapshots().install(id, mark).get(30, TimeUnit.SECONDS);
      follower.begin(mark);
      follow(follower, leader);
      assertSame(follower, leader);
      follower.restart();
      assertSame(follower, leader);
    }
  }

  @Test
  void aSendingThatIsCutGoesOnWhereItWas() throws Exception {
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = open("follower")) {
      insert(leader, "a.db", 100);
      awaitCheckpoint(leader);
      SnapshotMark mark = leader.markAt(leader.snapshotTaken());
      SnapshotId id = new SnapshotId(9, mark.index(), mark.term(), 1);
      try (Snapshots.Source source = leader.machine().snapshots().open(mark.index())) {
        Snapshots.Sink first = follower.machine().snapshots().receive(id, mark);
        for (int i = 0; i < 7; i++) {
          first.write(source.read(first.offset(), 9_999).content());
        }
        // The same part again, and a piece of it, are the same bytes.
        assertThat(source.read(first.offset() - 500, 100).content())
            .isEqualTo(source.read(first.offset() - 500, 100).content());
        first.close();
      }
      follower.transfer(leader, id, mark);
      follower.machine().snapshots().install(id, mark).get(30, TimeUnit.SECONDS);
      follower.begin(mark);
      follow(follower, leader);
      assertSame(follower, leader);
    }
  }

  @Test
  void aReceiverKeepsWhatItHasOverARestart() throws Exception {
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = open("follower")) {
      leader.session("big.db").execute("CREATE TABLE t(v)");
      leader
          .session("big.db")
          .execute(
              "INSERT INTO t SELECT zeroblob(1000000) FROM (WITH RECURSIVE n(i) AS (VALUES(1) UNION"
                  + " ALL SELECT i + 1 FROM n WHERE i < 70) SELECT i FROM n)");
      Writers.awaitThat(() -> leader.snapshotTaken() > 3);
      SnapshotMark mark = leader.markAt(leader.snapshotTaken());
      SnapshotId id = new SnapshotId(9, mark.index(), mark.term(), 1);
      try (Snapshots.Source source = leader.machine().snapshots().open(mark.index())) {
        Snapshots.Sink first = follower.machine().snapshots().receive(id, mark);
        while (first.offset() < 66 << 20) {
          first.write(source.read(first.offset(), 256 << 10).content());
        }
        follower.restart();
        Snapshots.Sink second = follower.machine().snapshots().receive(id, mark);
        assertThat(second.offset()).isGreaterThan(60 << 20);
        second.close();
      }
      follower.transfer(leader, id, mark);
      follower.machine().snapshots().install(id, mark).get(30, TimeUnit.SECONDS);
      follower.begin(mark);
      follow(follower, leader);
      assertSame(follower, leader);
    }
  }

  @Test
  void anotherSnapshotBeginsAtItsBeginning() throws Exception {
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = open("follower")) {
      insert(leader, "a.db", 100);
      awaitCheckpoint(leader);
      SnapshotMark mark = leader.markAt(leader.snapshotTaken());
      try (Snapshots.Source source = leader.machine().snapshots().open(mark.index());
          Snapshots.Sink sink =
              follower
                  .machine()
                  .snapshots()
                  .receive(new SnapshotId(9, mark.index(), mark.term(), 1), mark)) {
        sink.write(source.read(0, 10_000).content());
      }
      try (Snapshots.Sink sink =
          follower
              .machine()
              .snapshots()
              .receive(new SnapshotId(9, mark.index(), mark.term(), 2), mark)) {
        assertThat(sink.offset()).isZero();
        assertThatThrownBy(sink::complete).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void theStateBeforeIsReplacedAsAWhole() throws Exception {
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = open("follower")) {
      insert(leader, "old.db", 3);
      insert(leader, "a.db", 3);
      leader.committedEntries().forEach(follower::receive);
      follower.awaitApplied();
      Session reader = follower.session("a.db", SessionOptions.STALE);
      reader.beginDeferred();
      reader.query("SELECT count(*) FROM t");
      leader.machine().drop("old.db", Duration.ofSeconds(10));
      insert(leader, "a.db", 60);
      insert(leader, "new.db", 60);
      awaitCheckpoint(leader);
      leader.compact();
      follower.install(leader);
      assertThatThrownBy(() -> reader.query("SELECT count(*) FROM t"))
          .isInstanceOf(DatabaseUnavailableException.class);
      follow(follower, leader);
      assertSame(follower, leader);
      assertThat(folder.resolve("follower").resolve("old.db")).doesNotExist();
    }
  }

  /** What came is of several indexes, and the log does not reach the later ones yet. */
  @Test
  void aNodeThatStopsRightAfterAnInstallationStarts() throws Exception {
    CheckpointPolicy patient =
        new CheckpointPolicy(8, 1_000, 1L << 40, 400, 4_000, Duration.ofSeconds(30));
    FsmConfig config = FsmConfig.of(folder.resolve("leader"), "leader").withCheckpoints(patient);
    try (HandRaft leader = HandRaft.open(config).lead();
        HandRaft follower = open("follower")) {
      insert(leader, "early.db", 1);
      insert(leader, "late.db", 40);
      CrashScene.settle(leader);
      SnapshotMark mark = leader.markAt(leader.snapshotTaken());
      assertThat(leader.machine().checkpointIndex(new DatabaseName("late.db")))
          .isGreaterThan(mark.index() + 5);
      follower.install(leader);
      follower.restart();
      assertThat(follower.machine().databases()).hasSize(2);
      follow(follower, leader);
      assertSame(follower, leader);
    }
  }

  /** Closed later, by chance, it would take SQLite's locks with it. */
  @Test
  void aFileThatCannotBeMadeDurableIsClosed() throws Exception {
    Set<Path> open = new HashSet<>();
    OtherFiles files =
        new OtherFiles(FileLayer.SYSTEM) {
          @Override
          void forces(Path path) throws IOException {
            if (path.endsWith("_incoming/a.db")) {
              open.add(path);
              throw new ForceFailedException(new IOException("Input/output error"));
            }
          }

          @Override
          void closes(Path path) {
            open.remove(path);
          }
        };
    EngineParts parts = new EngineParts(EngineDecisions.SOUND, PipelineLimits.DEFAULT, files);
    try (HandRaft leader = open("leader").lead();
        HandRaft follower = HandRaft.open(FsmConfig.of(folder.resolve("follower"), "f"), parts)) {
      insert(leader, "a.db", 40);
      awaitCheckpoint(leader);
      SnapshotMark mark = leader.markAt(leader.snapshotTaken());
      SnapshotId id = new SnapshotId(9, mark.index(), mark.term(), 1);
      assertThatThrownBy(() -> follower.transfer(leader, id, mark)).isInstanceOf(IOException.class);
      assertThat(open).isEmpty();
    }
  }
}
