package dev.balsa.sqlite.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.Disk;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Operation;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.wal.InvariantViolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that the two views do to files is in the trace. */
@OnTestVfs
class TestVfsTest {
  private static final long MILLIS = 1_234_567_890_123L;

  @TempDir Path folder;
  private final TestVfs vfs = TestVfs.install();

  @BeforeEach
  void realFolder() throws IOException {
    folder = folder.toRealPath();
  }

  @AfterEach
  void useSystem() {
    vfs.useSystem();
  }

  @Test
  void theTraceHasAllThatWriterPublisherApplierAndCheckpointsWrite() throws IOException {
    DiskTrace trace = runBothViews(folder, 3);
    vfs.stop(trace);
    assertThat(trace.isComplete()).isTrue();
    Map<Path, byte[]> replayed = Disk.after(trace, trace.size()).files();
    assertThat(replayed)
        .containsOnlyKeys(
            Path.of("leader.db"),
            Path.of("leader.db-wal"),
            Path.of("follower.db"),
            Path.of("follower.db-wal"));
    assertThat(replayed.get(Path.of("leader.db-wal"))).isNotEmpty();
  }

  @Test
  void theSameSeedAndTimeGiveTheSameTraceOfBothViews(@TempDir Path other) throws IOException {
    DiskTrace first = runBothViews(folder, 5);
    DiskTrace second = runBothViews(other.toRealPath(), 5);
    vfs.stop(first);
    vfs.stop(second);
    assertThat(second.operations()).isEqualTo(first.operations());
    assertThat(first.operations()).extracting(Operation::kind).contains(Kind.RESIZE, Kind.SYNC);
  }

  /** The writer's own syncs never reach the disk: they are where commits are captured. */
  @Test
  void aWritersCommitIsInTheTraceAndNotDurable() throws IOException {
    Path file = TestDatabase.create(folder.resolve("leader.db"));
    DiskTrace trace = vfs.record(folder);
    try (LeaderUnderTest leader = new LeaderUnderTest(file)) {
      leader.run("INSERT INTO t(v) VALUES ('x')");
      leader.publish();
      assertThat(trace.operations()).extracting(Operation::kind).contains(Kind.CREATE, Kind.WRITE);
      assertThat(trace.operations()).noneMatch(operation -> operation.kind() == Kind.SYNC);
      leader.publisher.checkpoint();
      leader.publisher.syncMainFile();
      assertThat(trace.operations().get(trace.size() - 1)).isInstanceOf(Operation.Sync.class);
    } finally {
      vfs.stop(trace);
    }
    Map<Path, byte[]> lost = CrashImage.after(trace, trace.size(), Damage.ALL_LOST, 1).files();
    assertThat(lost).doesNotContainKey(Path.of("leader.db-wal"));
    assertThat(lost.get(Path.of("leader.db"))).isEqualTo(TestDatabase.bytes(file));
  }

  @Test
  void sqliteTakesRandomnessAndTimeFromTheTest() {
    Path file = TestDatabase.create(folder.resolve("some.db"));
    vfs.time(() -> MILLIS);
    try (SqliteConnection db = TestDatabase.stranger(file)) {
      assertThat(db.queryText("SELECT strftime('%s', 'now') || strftime('%f', 'now')"))
          .isEqualTo("123456789030.123");
      vfs.seed(1);
      long drawn = db.queryLong("SELECT random()");
      vfs.seed(2);
      assertThat(db.queryLong("SELECT random()")).isNotEqualTo(drawn);
      vfs.seed(1);
      assertThat(db.queryLong("SELECT random()")).isEqualTo(drawn);
    }
  }

  @Test
  void aFolderWithAnOpenDatabaseIsNotWatched() {
    Path file = TestDatabase.create(folder.resolve("some.db"));
    try (SqliteConnection db = TestDatabase.stranger(file)) {
      db.queryLong("SELECT count(*) FROM t");
      assertThatThrownBy(() -> vfs.record(folder)).isInstanceOf(InvariantViolation.class);
    }
  }

  @Test
  void whatWasDoneBehindTheTracesBackIsNoticed() throws IOException {
    Path file = TestDatabase.create(folder.resolve("some.db"));
    DiskTrace trace = vfs.record(folder);
    Files.delete(file);
    assertThatThrownBy(() -> TestDatabase.create(file)).isInstanceOf(SqliteException.class);
    vfs.stop(trace);
    assertThatThrownBy(trace::operations).hasMessage("not everything was recorded");
  }

  @Test
  void afterThePowerWentOffNothingIsDoneAnyMore() throws IOException {
    Path file = TestDatabase.create(folder.resolve("some.db"));
    DiskTrace trace = vfs.record(folder);
    try (SqliteConnection db = TestDatabase.stranger(file)) {
      db.execute("INSERT INTO t(v) VALUES (1)");
      db.execute("BEGIN; INSERT INTO t(v) VALUES (2)");
      int operations = trace.size();
      trace.powerOff();
      assertThatThrownBy(() -> db.execute("COMMIT")).isInstanceOf(SqliteException.class);
      assertThat(trace.size()).isEqualTo(operations).isPositive();
    }
    vfs.stop(trace);
    assertThat(trace.isComplete()).isTrue();
  }

  @Test
  void aFolderIsRecordedOnce() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    DiskTrace trace = vfs.record(inner);
    assertThatThrownBy(() -> vfs.record(inner)).isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(() -> vfs.record(folder)).isInstanceOf(InvariantViolation.class);
    vfs.stop(trace);
    vfs.stop(vfs.record(folder));
  }

  @Test
  void otherFoldersAreNotRecorded(@TempDir Path elsewhere) throws IOException {
    DiskTrace trace = vfs.record(folder);
    TestDatabase.create(elsewhere.resolve("some.db"));
    vfs.stop(trace);
    assertThat(trace.operations()).isEmpty();
  }

  /** A leader and a follower, through all that they do; in the end both are closed. */
  private DiskTrace runBothViews(Path where, long seed) throws IOException {
    vfs.seed(seed);
    vfs.time(() -> MILLIS);
    Path source = TestDatabase.create(where.resolve("leader.db"));
    Path target = where.resolve("follower.db");
    TestDatabase.copy(source, target);
    DiskTrace trace = vfs.record(where);
    try (LeaderUnderTest leader = new LeaderUnderTest(source);
        Publisher follower = Publisher.open(target)) {
      FrameApplier applier = new FrameApplier(follower, new SplittableRandom(seed));
      SplittableRandom random = new SplittableRandom(seed);
      int done = 0;
      for (RandomTransactions.Kind kind : RandomTransactions.Kind.values()) {
        leader.run(RandomTransactions.of(kind, random));
        done++;
        apply(leader, applier);
        if (done % 5 == 3) {
          leader.run("INSERT INTO t(v) VALUES ('discarded')");
          leader.discard();
          assertThat(follower.complete(follower.checkpoint())).isTrue();
          follower.syncMainFile();
        } else if (done % 5 == 4) {
          assertThat(leader.restartWal()).isTrue();
          assertThat(follower.restartWal(TestDatabase.KEPT)).isTrue();
        }
      }
      leader.run("INSERT INTO t(v) VALUES ('last')");
      apply(leader, applier);
    }
    return trace;
  }

  private static void apply(LeaderUnderTest leader, FrameApplier applier) {
    List<CapturedTransaction> published = leader.publish();
    published.forEach(one -> applier.apply(one.pages(), one.databasePages()));
  }
}
