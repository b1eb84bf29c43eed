package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.CheckpointMode;
import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.wal.InvariantViolation;
import dev.balsa.sqlite.wal.ReadMarks;
import dev.balsa.sqlite.wal.WalIndex;
import dev.balsa.sqlite.wal.WalIndexHeader;
import dev.balsa.sqlite.wal.WalLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A WAL that begins anew in its place: what its former lives left is never taken for a part. */
class WalRestartTest {
  /** Header and checkpoint info, without what is for locks alone. */
  private static final int WAL_INDEX_BYTES = 2 * WalIndexHeader.BYTES + 24;

  @TempDir Path folder;
  private Path file;
  private final FaultyWal wal = new FaultyWal();
  private final FaultyMemory memory = new FaultyMemory();
  private final List<Throwable> halts = new ArrayList<>();
  private Publisher publisher;
  private SqliteConnection reader;

  @BeforeEach
  void openCommittedView() {
    file = TestDatabase.create(folder.resolve("a.db"));
    publisher =
        Publisher.open(
            file,
            (why, cause) -> halts.add(cause),
            new Publisher.Faults(wal::around, memory::around));
    reader = Readers.open(file);
  }

  @AfterEach
  void close() {
    reader.close();
    publisher.close();
    assertThat(halts).isEmpty();
  }

  /** SQLite's own way is a checkpoint that truncates; of ours only the drawn salt may differ. */
  @Test
  void theWalIndexIsWhatSqliteMakesOfIt() {
    Path plain = TestDatabase.create(folder.resolve("plain.db"));
    try (SqliteConnection db = TestDatabase.stranger(plain)) {
      db.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
      db.execute("PRAGMA wal_autocheckpoint=0; INSERT INTO t(v) VALUES (randomblob(20000))");
      ByteBuffer region = NativeFile.main(db.fileHandle(), "plain.db").region(0);
      WalIndexHeader before = WalIndexHeader.decode(region);
      assertThat(before.lastFrame()).isPositive();
      assertThat(db.checkpoint(CheckpointMode.TRUNCATE).resultCode()).isZero();
      byte[] sqlites = new byte[WAL_INDEX_BYTES];
      region.get(0, sqlites);

      int salt = (int) WalIndexHeader.decode(region).salts();
      ByteBuffer ours = region.duplicate().order(region.order());
      before.encode(ours);
      for (int at = 2 * WalIndexHeader.BYTES; at < WAL_INDEX_BYTES; at++) {
        ours.put(at, (byte) 77);
      }
      ours.putInt(2 * WalIndexHeader.BYTES + 4, 0); // mark 0 is 0 for good
      new WalIndex(NativeFile.main(db.fileHandle(), "plain.db")).restart(before.restarted(salt));
      byte[] restarted = new byte[WAL_INDEX_BYTES];
      region.get(0, restarted);
      assertThat(restarted).isEqualTo(sqlites);
      assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
    }
  }

  @Test
  void framesOfALongerFormerLifeAreNeverReadAgain() {
    FrameApplier applier = new FrameApplier(publisher);
    long rows = 0;
    for (int life = 0; life < 6; life++) {
      // By turns a leader's lives and a follower's, and each shorter than the one before.
      for (int i = 0; i < 12 - 2 * life; i++) {
        CapturedTransaction captured = commit("INSERT INTO t(v) VALUES (randomblob(9000))");
        if (life % 2 == 0) {
          publisher.publish(captured);
        } else {
          publisher.truncateToPublished();
          applier.apply(captured.pages(), captured.databasePages());
        }
        rows++;
        assertThat(rows()).isEqualTo(rows);
        assertThat(recovered()).isEqualTo(TestDatabase.image(file));
      }
      long size = TestDatabase.walSize(file);
      assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
      assertThat(TestDatabase.walSize(file)).isEqualTo(size);
      assertThat(publisher.publishedFrames()).isZero();
      assertThat(publisher.readMarks()).isEqualTo(new ReadMarks(0, 0, List.of(0, 0, -1, -1, -1)));
      assertThat(rows()).isEqualTo(rows);
      assertThat(recovered()).isEqualTo(TestDatabase.image(file));
    }
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
  }

  /** What was rolled back is of the present life, though no commit leads there. */
  @Test
  void whatAWriterLeftOfThePresentLifeIsCutOffThough() {
    publisher.publish(commit("INSERT INTO t(v) VALUES (randomblob(90000))"));
    assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
    publisher.publish(commit("INSERT INTO t(v) VALUES (1)"));
    int frames = publisher.publishedFrames();
    commit("INSERT INTO t(v) VALUES (2)");
    assertThatThrownBy(() -> WriterConnection.open(file, publisher))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("not cut back");
    assertThat(publisher.hasWriter()).isFalse();
    publisher.truncateToPublished();
    assertThat(publisher.wal().endsAfter(frames, publisher.published().salts())).isTrue();
    publisher.publish(commit("INSERT INTO t(v) VALUES (3)"));
    assertThat(rows()).isEqualTo(3);
    assertThat(recovered()).isEqualTo(TestDatabase.image(file));
  }

  @Test
  void theFileKeepsItsSpaceUpToABound() {
    for (int i = 0; i < 20; i++) {
      publisher.publish(commit("INSERT INTO t(v) VALUES (randomblob(9000))"));
    }
    assertThat(publisher.restartWal(7)).isTrue();
    assertThat(TestDatabase.walSize(file)).isEqualTo(publisher.wal().sizeUpTo(7));
    publisher.publish(commit("INSERT INTO t(v) VALUES (randomblob(90000))"));
    assertThat(publisher.restartWal(0)).isTrue();
    assertThat(TestDatabase.walSize(file)).isZero();
    publisher.publish(commit("INSERT INTO t(v) VALUES (1)"));
    assertThat(rows()).isEqualTo(22);
  }

  @Test
  void whoeverHoldsALockKeepsItFromBeginningAnew() {
    publisher.publish(commit("INSERT INTO t(v) VALUES (1)"));
    try (SqliteConnection stranger = TestDatabase.stranger(file)) {
      assertThat(stranger.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
      NativeFile other = NativeFile.main(stranger.fileHandle(), "a.db");
      List<Integer> slots = new ArrayList<>(List.of(WalLock.CHECKPOINT));
      for (int mark = 1; mark < ReadMarks.COUNT; mark++) {
        slots.add(WalLock.reader(mark));
      }
      int frames = publisher.publishedFrames();
      for (int slot : slots) {
        assertThat(other.tryLock(slot)).isTrue();
        assertThat(publisher.restartWal(TestDatabase.KEPT)).as("slot %d", slot).isFalse();
        assertThat(publisher.publishedFrames()).isEqualTo(frames);
        other.unlock(slot);
        for (int free : slots) { // what it had taken by then, it has given back
          assertThat(other.tryLock(free)).as("slot %d after %d", free, slot).isTrue();
          other.unlock(free);
        }
      }
      assertThat(rows()).isEqualTo(1);
      assertThat(publisher.restartWal(TestDatabase.KEPT)).isTrue();
      assertThatThrownBy(() -> stranger.execute("INSERT INTO t(v) VALUES (2)"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("SQLITE_BUSY");
    }
    publisher.publish(commit("INSERT INTO t(v) VALUES (3)"));
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void nobodyCanCheckpointOrBeginToReadTheWalWhileItsHeaderIsWiped() {
    publisher.publish(commit("INSERT INTO t(v) VALUES (1)"));
    try (SqliteConnection stranger = TestDatabase.stranger(file)) {
      assertThat(stranger.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
      NativeFile other = NativeFile.main(stranger.fileHandle(), "a.db");
      List<Integer> free = new ArrayList<>();
      wal.failWrites(
          () -> {
            for (int slot = 0; slot < WalLock.reader(ReadMarks.COUNT - 1) + 1; slot++) {
              if (other.tryLock(slot)) {
                other.unlock(slot);
                free.add(slot);
              }
            }
            return new SqliteException(ResultCode.IOERR, "injected");
          });
      assertThatThrownBy(() -> publisher.restartWal(TestDatabase.KEPT))
          .isInstanceOf(SqliteException.class);
      wal.failWrites(null);
      assertThat(free).containsExactly(WalLock.RECOVER, WalLock.reader(0));
    }
  }

  @Test
  void aHeaderThatCannotBeWipedLeavesTheWalToItsReaders() {
    publisher.publish(commit("INSERT INTO t(v) VALUES (1)"));
    int frames = publisher.publishedFrames();
    wal.failWrites(() -> new SqliteException(ResultCode.IOERR, "injected"));
    assertThatThrownBy(() -> publisher.restartWal(0))
        .isInstanceOf(SqliteException.class)
        .hasMessageContaining("injected");
    wal.failWrites(null);
    assertThat(publisher.publishedFrames()).isEqualTo(frames);
    assertThat(publisher.readersUseWal()).isFalse();
    assertThat(rows()).isEqualTo(1);
    assertThat(publisher.restartWal(0)).isTrue();
    publisher.publish(commit("INSERT INTO t(v) VALUES (2)"));
    assertThat(rows()).isEqualTo(2);
    assertThat(recovered()).isEqualTo(TestDatabase.image(file));
  }

  /** Of a copy of main file and WAL, as a crash leaves them if nothing of them is lost. */
  private byte[] recovered() {
    Path copy = folder.resolve("recovered.db");
    copy(file, copy);
    copy(TestDatabase.wal(file), TestDatabase.wal(copy));
    return TestDatabase.image(copy);
  }

  /** In another process: in this one, to close a file would drop SQLite's locks on it. */
  private static void copy(Path from, Path to) {
    try {
      Process cp = new ProcessBuilder("cp", from.toString(), to.toString()).inheritIO().start();
      assertThat(cp.waitFor()).isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private CapturedTransaction commit(String sql) {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      writer.connection().execute(sql);
      return requireNonNull(writer.takeCaptured());
    }
  }

  private long rows() {
    return reader.queryLong("SELECT count(*) FROM t");
  }
}
