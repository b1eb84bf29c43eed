package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.CheckpointResult;
import dev.balsa.sqlite.vfs.Publisher;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints as snapshots: what is in the main file, the log need not keep. */
@Timeout(120)
final class CheckpointTest {
  private static final CheckpointPolicy TINY =
      new CheckpointPolicy(8, 1_000, 1L << 40, 40, 1_000, Duration.ofSeconds(30));

  /** The same, with a bound on the WAL that a slow disk runs into. */
  private static final CheckpointPolicy BOUNDED =
      new CheckpointPolicy(8, 1_000, 1L << 40, 40, 150, Duration.ofSeconds(30));

  @TempDir Path folder;

  private HandRaft leader(CheckpointPolicy policy) {
    return HandRaft.open(FsmConfig.of(folder.resolve("db"), "test").withCheckpoints(policy)).lead();
  }

  private static void insert(Session session, int rows) {
    for (int i = 0; i < rows; i++) {
      session.execute("INSERT INTO t(v) VALUES (randomblob(1500))");
    }
  }

  private static long count(HandRaft raft) {
    try (Session session = raft.session("app.db", SessionOptions.STALE)) {
      return session.query("SELECT count(*) FROM t").single().getLong(0);
    }
  }

  private static DatabaseStatus status(HandRaft raft) {
    return raft.machine().databases().get(0);
  }

  @Test
  void theLogBeforeACheckpointIsNotNeededAnyMore() {
    try (HandRaft raft = leader(TINY);
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      insert(session, 30);
      Writers.awaitThat(() -> raft.snapshotTaken() > 10);
      raft.compact();
      insert(session, 5);
      raft.restart().lead();
      assertThat(raft.snapshotTaken()).as("a node that lags needs it at once").isPositive();
      assertThat(count(raft)).isEqualTo(35);
      try (Session again = raft.session("app.db")) {
        insert(again, 5);
      }
      assertThat(count(raft)).isEqualTo(40);
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void aWalUnderConstantLoadStaysBounded() {
    try (HandRaft raft = leader(BOUNDED);
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      int longest = 0;
      int turns = 0;
      int before = 0;
      for (int i = 0; i < 1_500; i++) {
        insert(session, 1);
        int now = status(raft).walFrames();
        longest = Math.max(longest, now);
        turns += now < before ? 1 : 0;
        before = now;
      }
      // The last transaction before the bound may pass it: a row and what a split of pages writes.
      assertThat(longest).isBetween(40, 160);
      assertThat(turns).isGreaterThan(15);
      assertThat(count(raft)).isEqualTo(1_500);
      raft.restart().lead();
      assertThat(count(raft)).isEqualTo(1_500);
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void aFollowersWalStaysBoundedToo() throws Exception {
    try (HandRaft raft = leader(TINY);
        Session session = raft.session("app.db");
        HandRaft follower =
            HandRaft.open(FsmConfig.of(folder.resolve("follower"), "f").withCheckpoints(BOUNDED))) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      insert(session, 1_500);
      int longest = 0;
      for (var entry : raft.committedEntries()) {
        follower.receive(entry);
        follower.awaitApplied();
        for (DatabaseStatus each : follower.machine().databases()) {
          longest = Math.max(longest, each.walFrames());
        }
      }
      assertThat(longest).isBetween(40, 160);
      assertThat(status(follower).checksum()).isEqualTo(status(raft).checksum());
    }
  }

  /** Connections keep what they have read, see {@link KeptSnapshot}; nobody else is to notice. */
  @Test
  void whatReadersKeepForTheNextQueryHoldsUpNoCheckpointAndNoTurn() throws Exception {
    try (HandRaft raft = leader(BOUNDED);
        Session session = raft.session("app.db");
        HandRaft follower =
            HandRaft.open(FsmConfig.of(folder.resolve("follower"), "f").withCheckpoints(BOUNDED))) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      int longest = 0;
      for (int rows = 0; rows < 600; rows += 6) {
        readOften(raft, rows);
        insert(session, 6);
        longest = Math.max(longest, status(raft).walFrames());
      }
      assertThat(longest).isBetween(40, 160);
      int received = 0;
      longest = 0;
      for (Entry entry : raft.committedEntries()) {
        follower.receive(entry);
        follower.awaitApplied();
        if (++received % 6 == 3) {
          readOften(follower, count(follower));
        }
        longest = Math.max(longest, received > 2 ? status(follower).walFrames() : 0);
      }
      assertThat(longest).isBetween(40, 160);
      assertThat(count(follower)).isEqualTo(600);
    }
  }

  /** What is kept by then is one of the WAL, though the main file holds it a moment later. */
  @Test
  void whatIsReadWhileACheckpointCopiesHoldsUpNoTurn() throws Exception {
    AtomicReference<Runnable> reads = new AtomicReference<>(() -> {});
    EngineDecisions reading =
        new EngineDecisions() {
          @Override
          CheckpointResult checkpoint(Publisher publisher) {
            Objects.requireNonNull(reads.get()).run();
            return super.checkpoint(publisher);
          }
        };
    try (HandRaft raft = leader(TINY);
        Session session = raft.session("app.db");
        HandRaft follower =
            HandRaft.open(
                FsmConfig.of(folder.resolve("follower"), "f").withCheckpoints(BOUNDED),
                reading,
                PipelineLimits.DEFAULT)) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      insert(session, 600);
      reads.set(
          () -> {
            for (int i = 0; i < 10; i++) {
              count(follower);
            }
          });
      int longest = 0;
      for (Entry entry : raft.committedEntries()) {
        follower.receive(entry);
        follower.awaitApplied();
        for (DatabaseStatus each : follower.machine().databases()) {
          longest = Math.max(longest, each.walFrames());
        }
      }
      assertThat(longest).isBetween(40, 160);
      assertThat(count(follower)).isEqualTo(600);
    }
  }

  private static void readOften(HandRaft raft, long rows) {
    for (int i = 0; i < 10; i++) {
      assertThat(count(raft)).isEqualTo(rows);
    }
  }

  @Test
  void aLongReaderLimitsTheWalButDoesNotBreakIt() {
    CheckpointPolicy patient = TINY.withReaderAgeMax(Duration.ofHours(1));
    try (HandRaft raft = leader(patient);
        Session session = raft.session("app.db");
        Session reader = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      reader.beginDeferred();
      assertThat(reader.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      insert(session, 200);
      assertThat(status(raft).walFrames()).isGreaterThan(200);
      assertThat(reader.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      reader.rollback();
      Writers.awaitThat(() -> status(raft).walFrames() == 0); // though nobody writes any more
      insert(session, 20);
      assertThat(count(raft)).isEqualTo(220);
    }
  }

  @Test
  void aFollowersWalBeginsAnewOnceItsReaderIsGoneThoughNothingIsApplied() throws Exception {
    CheckpointPolicy patient = TINY.withReaderAgeMax(Duration.ofHours(1));
    try (HandRaft raft = leader(TINY);
        Session session = raft.session("app.db");
        HandRaft follower =
            HandRaft.open(FsmConfig.of(folder.resolve("follower"), "f").withCheckpoints(patient));
        Session reader = follower.session("app.db", SessionOptions.STALE)) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      insert(session, 200);
      List<Entry> log = raft.committedEntries();
      for (Entry entry : log.subList(0, 4)) {
        follower.receive(entry);
      }
      follower.awaitApplied();
      reader.beginDeferred();
      reader.query("SELECT count(*) FROM t");
      for (Entry entry : log.subList(4, log.size())) {
        follower.receive(entry);
      }
      follower.awaitApplied();
      assertThat(status(follower).walFrames()).isGreaterThan(200);
      reader.rollback();
      Writers.awaitThat(() -> status(follower).walFrames() == 0);
    }
  }

  @Test
  void whatATurnHasTakenFromTheWalIsNotRecordedBeforeItIsDurable() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    EngineDecisions slowDisk =
        new EngineDecisions() {
          @Override
          void beforeRecord(Publisher publisher) {
            if (publisher.publishedFrames() == 0) { // a turn's
              held.countDown();
              try {
                assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            }
            super.beforeRecord(publisher);
          }
        };
    CheckpointPolicy eachFrame =
        new CheckpointPolicy(1, 1_000, 1L << 40, 40, 1_000, Duration.ofSeconds(30));
    FsmConfig config = FsmConfig.of(folder.resolve("db"), "test").withCheckpoints(eachFrame);
    try (HandRaft raft = HandRaft.open(config, slowDisk, PipelineLimits.DEFAULT).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      while (status(raft).walFrames() < eachFrame.turnFrames()) {
        insert(session, 1);
      }
      Writers.awaitThat(() -> held.getCount() == 0);
      DatabaseStateMachine machine = raft.machine();
      Database database = Objects.requireNonNull(machine.find(new DatabaseName("app.db")));
      Catalogue apart = Catalogue.open(FileLayer.SYSTEM, folder.resolve("apart"));
      long before = database.incarnation();
      apart.update(known -> known.with(database.record(before)));
      assertThat(before).isLessThan(machine.appliedIndex());
      assertThat(machine.submit(database::isIdle).get()).isFalse();
      // As if a force had failed: nothing runs, and the node has not been ended yet.
      database.checkpoints().ends();
      try (Checkpointer other = new Checkpointer(machine, apart, index -> {})) {
        other.stop();
        other.releaseLog();
      }
      assertThat(apart.state().databases().get(database.name())).isEqualTo(database.record(before));
      database.checkpoints().runs();
      goOn.countDown();
      database.checkpoints().awaitEnd();
      Writers.awaitThat(() -> database.checkpoints().coveredFrames() == 0);
      assertThat(machine.submit(database::isIdle).get()).isTrue();
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void aReaderThatIsTooOldIsEndedWithAnErrorThatSaysSo() {
    CheckpointPolicy hasty = TINY.withReaderAgeMax(Duration.ofMillis(1));
    try (HandRaft raft = leader(hasty);
        Session session = raft.session("app.db");
        Session reader = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      reader.beginDeferred();
      reader.query("SELECT count(*) FROM t");
      insert(session, 100);
      Writers.awaitThat(() -> status(raft).walFrames() < 60);
      assertThatThrownBy(() -> reader.query("SELECT count(*) FROM t"))
          .isInstanceOf(SnapshotTooOldException.class);
      reader.rollback();
      assertThat(reader.query("SELECT count(*) FROM t").single().getLong(0)).isEqualTo(100);
    }
  }

  @Test
  void writersWaitWhileAReaderKeepsTheWalTooLong() {
    CheckpointPolicy small = new CheckpointPolicy(8, 1_000, 1L << 40, 20, 60, Duration.ofHours(1));
    try (HandRaft raft = leader(small);
        Session session = raft.session("app.db");
        Session hasty =
            raft.session("app.db", SessionOptions.DEFAULT.withTimeout(Duration.ofMillis(200)));
        Session reader = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      reader.beginDeferred();
      reader.query("SELECT count(*) FROM t");
      assertThatThrownBy(() -> insert(hasty, 100))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("the WAL of 'app.db' to begin anew");
      reader.rollback();
    }
  }

  @Test
  void anIdleDatabaseDoesNotHoldTheLogBack() {
    try (HandRaft raft = leader(TINY);
        Session idle = raft.session("idle.db");
        Session session = raft.session("app.db")) {
      idle.execute("CREATE TABLE t(v)");
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      long before = raft.lastIndex();
      insert(session, 1_200); // more entries than are kept for one database alone
      Writers.awaitThat(() -> raft.snapshotTaken() > before);
      raft.compact().restart().lead();
      try (Session again = raft.session("idle.db")) {
        assertThat(again.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      }
      assertThat(count(raft)).isEqualTo(1_200);
    }
  }

  @Test
  void anIdleDatabaseDoesNotHoldBackManyBytesOfTheLog() {
    CheckpointPolicy few =
        new CheckpointPolicy(8, 1L << 40, 200_000, 40, 1_000, Duration.ofHours(1));
    try (HandRaft raft = leader(few);
        Session idle = raft.session("idle.db");
        Session session = raft.session("app.db")) {
      idle.execute("CREATE TABLE t(v)");
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      long before = raft.lastIndex();
      insert(session, 20); // of 1,500 bytes and more
      assertThat(raft.snapshotTaken()).isLessThan(before);
      insert(session, 180);
      Writers.awaitThat(() -> raft.snapshotTaken() > before);
    }
  }

  @Test
  void aCleanStopIsFollowedByAStartThatReadsNoMainFile() throws Exception {
    Path file = folder.resolve("db").resolve("app.db");
    try (HandRaft raft = leader(TINY)) {
      try (Session session = raft.session("app.db")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        insert(session, 50);
      }
      raft.stop();
      assertThat(folder.resolve("db").resolve("_pages.app.db")).exists();
      // What a start that believes the kept hashes does not see: a byte changed, time put back.
      var time = Files.getLastModifiedTime(file);
      flip(file, 5 * 4096 + 100);
      Files.setLastModifiedTime(file, time);
      raft.restart().lead();
      assertThat(status(raft).phase()).isEqualTo(DatabaseStatus.Phase.SERVING);
    }
  }

  @Test
  void aStartNoticesThatAnotherProcessHasWritten() throws Exception {
    Path file = folder.resolve("db").resolve("app.db");
    try (HandRaft raft = leader(TINY)) {
      try (Session session = raft.session("app.db")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        insert(session, 50);
      }
      raft.stop();
      flip(file, 5 * 4096 + 100);
      raft.restart().lead();
      assertThat(status(raft).phase()).isEqualTo(DatabaseStatus.Phase.DAMAGED);
      assertThatThrownBy(() -> count(raft))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("expected checksum");
    }
  }

  static void flip(Path file, long position) throws Exception {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) (one.get(0) ^ 1)).flip();
      channel.write(one, position);
    }
  }
}
