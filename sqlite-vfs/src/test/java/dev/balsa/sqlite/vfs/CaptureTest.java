package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.Sqlite3;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import dev.balsa.sqlite.wal.InvariantViolation;
import dev.balsa.sqlite.wal.PageImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a writer commits is captured exactly, or not trusted at all. */
class CaptureTest {
  private static final String INSERT = "INSERT INTO t(v) VALUES (randomblob(100))";

  @TempDir Path folder;
  private Path file;
  private Publisher publisher;
  private SqliteConnection reader;

  /** Callbacks and memory that SQLite uses. */
  private final List<Object> kept = new ArrayList<>();

  @BeforeEach
  void openCommittedView() {
    file = TestDatabase.create(folder.resolve("a.db"));
    publisher = Publisher.open(file);
    reader = Readers.open(file);
  }

  @AfterEach
  void nobodySawWhatWasNotPublished() {
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
    reader.close();
    publisher.close();
  }

  @Test
  void aCommitIsCapturedOnceAndSeenOnlyWhenPublished() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      assertThat(writer.takeCaptured()).isNull();
      CapturedTransaction captured = commit(writer);
      assertThat(captured.firstFrame()).isEqualTo(1);
      assertThat(captured.pages()).extracting(PageImage::pageNumber).isSorted();
      assertThat(writer.takeCaptured()).isNull();
      assertThat(rows()).isZero();
      publisher.publish(captured);
      assertThat(rows()).isEqualTo(1);
      assertThat(publisher.publishedFrames()).isEqualTo(captured.lastFrame());
      assertThat(publisher.databasePages()).isEqualTo(captured.databasePages());
    }
  }

  @Test
  void publicationEndsWithTheTransactionNotWithTheFile() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      CapturedTransaction first = commit(writer);
      CapturedTransaction second = commit(writer);
      publisher.publish(first);
      assertThat(rows()).isEqualTo(1);
      publisher.publish(second);
      assertThat(rows()).isEqualTo(2);
    }
  }

  @Test
  void endsOfTransactionsThatWriteNothingCaptureNothing() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      SqliteConnection db = writer.connection();
      for (String sql :
          List.of(
              "BEGIN IMMEDIATE",
              "COMMIT",
              "INSERT OR IGNORE INTO account VALUES (1, 5)",
              "DELETE FROM t WHERE id=-1",
              "SELECT count(*) FROM t",
              "BEGIN",
              INSERT,
              "ROLLBACK")) {
        db.execute(sql);
        assertThat(writer.takeCaptured()).as(sql).isNull();
      }
    }
    publisher.truncateToPublished();
  }

  @Test
  void aCommitByResetIsCaptured() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      try (SqliteStatement insert =
          writer.connection().prepare("INSERT INTO t(v) VALUES (1), (2) RETURNING id")) {
        assertThat(insert.step()).isTrue();
        assertThat(writer.takeCaptured()).isNull();
        insert.reset();
        publisher.publish(requireNonNull(writer.takeCaptured()));
      }
      assertThat(rows()).isEqualTo(2);
    }
  }

  @Test
  void rolledBackSpillsLeaveNoTraceInWhatFollows() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      writer.connection().execute("PRAGMA cache_size=5");
      for (int round = 0; round < 3; round++) {
        writer.connection().execute("BEGIN");
        for (int i = 0; i < 200; i++) {
          writer.connection().execute("INSERT INTO t(v) VALUES (randomblob(2000))");
        }
        writer.connection().execute("ROLLBACK");
        assertThat(writer.takeCaptured()).isNull();
        CapturedTransaction captured = commit(writer);
        assertThat(captured.pages()).hasSizeLessThan(5);
        publisher.publish(captured);
        assertThat(rows()).isEqualTo(round + 1);
      }
    }
    publisher.truncateToPublished();
  }

  @Test
  void anInterruptedThreadCommitsPublishesAndStaysInterrupted() {
    WriterConnection writer = WriterConnection.open(file, publisher);
    Thread.currentThread().interrupt();
    try {
      CapturedTransaction captured = commit(writer);
      publisher.publish(captured);
      writer.close();
      publisher.truncateToPublished();
      new FrameApplier(publisher).apply(captured.pages(), captured.databasePages());
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    try (WriterConnection next = WriterConnection.open(file, publisher)) {
      publisher.publish(commit(next));
    }
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void anExceptionInTheUpcallPublishesNothing() {
    assertThatAFaultIsFatalToTheWriter(() -> new IllegalStateException("injected"));
  }

  @Test
  void anOutOfMemoryErrorInTheUpcallPublishesNothing() {
    assertThatAFaultIsFatalToTheWriter(() -> new OutOfMemoryError("injected"));
  }

  private FrameCapture.Spill inMemory() {
    return new FrameCapture.Spill(
        Long.MAX_VALUE, new FrameImages(file, 4096, UnaryOperator.identity()));
  }

  private void assertThatAFaultIsFatalToTheWriter(Supplier<Throwable> fault) {
    FaultyWal wal = new FaultyWal();
    CapturedTransaction first;
    try (WriterConnection writer = WriterConnection.open(file, publisher, wal::around)) {
      first = commit(writer);
      wal.failReads(fault);
      assertThatThrownBy(() -> writer.connection().execute(INSERT))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("SQLITE_IOERR");
      assertThatThrownBy(writer::requireNothingCaptured)
          .isInstanceOf(CaptureException.class)
          .hasStackTraceContaining("injected");
      assertThat(TestDatabase.walSize(file)).isEqualTo(publisher.wal().sizeUpTo(first.lastFrame()));
      wal.failReads(null);
      assertThatThrownBy(() -> writer.connection().execute(INSERT))
          .isInstanceOf(SqliteException.class);
      assertThatThrownBy(writer::takeCaptured).isInstanceOf(CaptureException.class);
    }
    publisher.publish(first);
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
    try (WriterConnection next = WriterConnection.open(file, publisher)) {
      publisher.publish(commit(next));
    }
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void aLostUpcallIsNoticed() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publisher.publish(commit(writer));
      Pointer wal = new Pointer(walHandle(writer.connection()));
      Pointer hooked = wal.getPointer(0);
      try (SqliteConnection plain = TestDatabase.stranger(file)) {
        plain.queryLong("SELECT count(*) FROM t");
        wal.setPointer(0, new Pointer(walHandle(plain)).getPointer(0));
      }
      writer.connection().execute(INSERT);
      wal.setPointer(0, hooked);
      assertThatThrownBy(writer::takeCaptured)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("not captured");
    }
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
  }

  /** A native {@code xSync} of the test's own. */
  interface Sync extends Callback {
    int invoke(long file, int flags);
  }

  @Test
  void aCommitThatWasNotSyncedIsNoticed() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      writer.connection().execute("PRAGMA synchronous=OFF; " + INSERT);
      assertThatThrownBy(writer::takeCaptured)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("not captured");
    }
    publisher.truncateToPublished();
    assertThat(rows()).isZero();
  }

  @Test
  void aCommitThatFailsAfterItWasCapturedIsNoticed() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      Pointer wal = new Pointer(walHandle(writer.connection()));
      Pointer hooked = wal.getPointer(0);
      Function capture = Function.getFunction(hooked.getPointer(FileMethods.SYNC));
      Sync failing =
          (walFile, flags) -> {
            capture.invokeInt(new Object[] {walFile, flags});
            return 10;
          };
      Memory table = new Memory(FileMethods.TABLE_BYTES);
      table.write(0, hooked.getByteArray(0, FileMethods.TABLE_BYTES), 0, FileMethods.TABLE_BYTES);
      table.setPointer(FileMethods.SYNC, CallbackReference.getFunctionPointer(failing));
      kept.addAll(List.of(failing, table));
      publisher.publish(commit(writer));
      wal.setPointer(0, table);
      assertThatThrownBy(() -> writer.connection().execute(INSERT))
          .isInstanceOf(SqliteException.class);
      wal.setPointer(0, hooked);
      assertThatThrownBy(writer::takeCaptured)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("not committed");
      assertThatThrownBy(writer::requireNothingCaptured).isInstanceOf(CaptureException.class);
    }
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void aSecondCommitBeforeTheFirstWasTakenIsRefused() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      assertThatThrownBy(() -> writer.connection().execute(INSERT + ";" + INSERT))
          .isInstanceOf(SqliteException.class);
      assertThatThrownBy(writer::takeCaptured).isInstanceOf(CaptureException.class);
    }
    publisher.truncateToPublished();
  }

  @Test
  void aForgottenCutIsFoundWhenTheNextWriterOpens() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      commit(writer);
    }
    assertThatThrownBy(() -> WriterConnection.open(file, publisher))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("not cut back");
    publisher.truncateToPublished();
    WriterConnection.open(file, publisher).close();
  }

  @Test
  void aForgottenCutIsFoundByTheNextWritersFirstFrame() {
    CapturedTransaction forgotten;
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publisher.publish(commit(writer));
      forgotten = commit(writer);
    }
    FrameCapture capture =
        new FrameCapture(
            4096,
            publisher.publishedFrames(),
            publisher.published().frameChecksum(),
            publisher.published().salts(),
            walFile -> NativeFile.wal(walFile, "test"),
            inMemory());
    try (WriterVfs.Opening opening = WriterVfs.get().opening(capture);
        SqliteConnection db = SqliteConnection.open(file, OpenFlags.READWRITE, WriterVfs.NAME)) {
      db.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
      db.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA wal_autocheckpoint=0");
      assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(2);
      opening.check(db.fileHandle());
      assertThatThrownBy(() -> db.execute(INSERT)).isInstanceOf(SqliteException.class);
      assertThatThrownBy(() -> capture.take(0))
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("goes on after frame " + forgotten.lastFrame());
    }
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRAGMA journal_mode=DELETE",
        "PRAGMA journal_mode=MEMORY",
        "PRAGMA wal_checkpoint(PASSIVE)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        // Without syncs, it is the main file's own methods that stop it.
        "PRAGMA synchronous=OFF; PRAGMA wal_checkpoint(PASSIVE)",
        "PRAGMA synchronous=OFF; PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA synchronous=OFF; PRAGMA journal_mode=DELETE"
      })
  void aWriterThatWouldTouchTheMainFileIsStopped(String pragma) {
    byte[] before = TestDatabase.image(file);
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      commit(writer);
      try {
        writer.connection().execute(pragma);
      } catch (SqliteException refused) {
        assertThat(refused.resultCode()).isNotZero();
      }
      assertThatThrownBy(writer::takeCaptured).isInstanceOf(CaptureException.class);
    }
    publisher.truncateToPublished();
    assertThat(TestDatabase.image(file)).isEqualTo(before);
    reader.close();
    publisher.close();
    assertThat(TestDatabase.bytes(file)).isEqualTo(before);
    openCommittedViewAgain();
  }

  @Test
  void theMainFilesHandleRefusesWritesAndCuts() {
    byte[] before = TestDatabase.image(file);
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      Pointer main = new Pointer(writer.connection().fileHandle());
      Pointer methods = main.getPointer(0);
      try (Memory zeros = new Memory(4096)) {
        zeros.clear();
        Function write = Function.getFunction(methods.getPointer(FileMethods.WRITE));
        assertThat(write.invokeInt(new Object[] {main, zeros, 4096, 0L})).isNotZero();
      }
      Function truncate = Function.getFunction(methods.getPointer(FileMethods.TRUNCATE));
      assertThat(truncate.invokeInt(new Object[] {main, 4096L})).isNotZero();
      assertThatThrownBy(writer::takeCaptured)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("main file");
    }
    assertThat(TestDatabase.image(file)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"FULL", "OFF"})
  void aCloseThatCheckpointsIsImpossible(String synchronous) {
    byte[] before = TestDatabase.image(file);
    WriterConnection writer = WriterConnection.open(file, publisher);
    commit(writer);
    long size = TestDatabase.walSize(file);
    writer.connection().execute("PRAGMA synchronous=" + synchronous);
    writer.connection().dbConfig(DbConfig.NO_CKPT_ON_CLOSE, false);
    writer.close();
    assertThat(TestDatabase.walSize(file)).isEqualTo(size);
    assertThat(TestDatabase.image(file)).isEqualTo(before);
    publisher.truncateToPublished();
    reader.close();
    publisher.close();
    assertThat(TestDatabase.bytes(file)).isEqualTo(before);
    openCommittedViewAgain();
  }

  @Test
  void aCloseThatWouldDeleteAnEmptyWalIsStopped() {
    WriterConnection writer = WriterConnection.open(file, publisher);
    writer.connection().dbConfig(DbConfig.NO_CKPT_ON_CLOSE, false);
    writer.close();
    assertThat(TestDatabase.wal(file)).exists();
    try (WriterConnection next = WriterConnection.open(file, publisher)) {
      publisher.publish(commit(next));
    }
    try (SqliteConnection late = Readers.open(file)) {
      assertThat(late.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
    }
  }

  @Test
  void aRollbackJournalIsRefused() {
    Path plain = folder.resolve("plain.db");
    try (SqliteConnection db =
        SqliteConnection.open(plain, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      db.execute("CREATE TABLE t(v)");
    }
    FrameCapture capture =
        new FrameCapture(4096, 0, 0, 0, walFile -> NativeFile.wal(walFile, "test"), inMemory());
    try (WriterVfs.Opening opening = WriterVfs.get().opening(capture);
        SqliteConnection db = SqliteConnection.open(plain, OpenFlags.READWRITE, WriterVfs.NAME)) {
      assertThatThrownBy(() -> db.execute("INSERT INTO t(v) VALUES (1)"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("SQLITE_CANTOPEN");
      assertThatThrownBy(() -> opening.check(db.fileHandle()))
          .isInstanceOf(InvariantViolation.class)
          .hasMessageContaining("no WAL");
    }
  }

  @Test
  void aWriterThatWouldShareTheReadersIndexCannotRead() {
    FrameCapture capture =
        new FrameCapture(4096, 0, 0, 0, walFile -> NativeFile.wal(walFile, "test"), inMemory());
    try (WriterVfs.Opening opening = WriterVfs.get().opening(capture);
        SqliteConnection db = SqliteConnection.open(file, OpenFlags.READWRITE, WriterVfs.NAME)) {
      db.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
      assertThatThrownBy(() -> db.queryLong("SELECT count(*) FROM t"))
          .isInstanceOf(SqliteException.class);
      assertThatThrownBy(() -> opening.check(db.fileHandle()))
          .isInstanceOf(InvariantViolation.class);
    }
  }

  @Test
  void leavingExclusiveModeDoesNotShowWhatIsUncommitted() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      writer.connection().execute("PRAGMA locking_mode=NORMAL");
      writer.connection().execute(INSERT);
      assertThat(publisher.publishedFrames()).isZero();
      assertThat(rows()).isZero();
    }
    publisher.truncateToPublished();
  }

  @Test
  void nobodyButAWriterOpensADatabaseOnTheWritersVfs() {
    Path other = TestDatabase.create(folder.resolve("b.db"));
    WriterConnection.open(file, publisher).close();
    assertThatThrownBy(() -> SqliteConnection.open(other, OpenFlags.READWRITE, WriterVfs.NAME))
        .isInstanceOf(SqliteException.class)
        .hasMessageContaining("SQLITE_CANTOPEN");
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      assertThatThrownBy(() -> writer.connection().execute("ATTACH '" + other + "' AS b"))
          .isInstanceOf(SqliteException.class);
      assertThat(writer.takeCaptured()).isNull();
    }
  }

  @Test
  void aWriterWhoseFilesCannotBeHookedIsNotOpened() {
    assertThatThrownBy(
            () ->
                WriterConnection.open(
                    file,
                    publisher,
                    wal -> {
                      throw new IllegalStateException("injected");
                    }))
        .isInstanceOf(SqliteException.class);
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publisher.publish(commit(writer));
    }
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void onlyOneWriterAtATime() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      assertThatThrownBy(() -> WriterConnection.open(file, publisher))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(publisher::truncateToPublished).isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> publisher.restartWal(TestDatabase.KEPT))
          .isInstanceOf(InvariantViolation.class);
      publisher.publish(commit(writer));
    }
  }

  @Test
  void writersOfSeveralDatabasesAreToldApart() {
    Path other = TestDatabase.create(folder.resolve("b.db"), TestDatabase.Shape.of(512));
    try (Publisher otherPublisher = Publisher.open(other)) {
      for (int round = 0; round < 20; round++) {
        try (WriterConnection one = WriterConnection.open(file, publisher);
            WriterConnection two = WriterConnection.open(other, otherPublisher)) {
          CapturedTransaction a = commit(one);
          CapturedTransaction b = commit(two);
          assertThat(a.pageSize()).isEqualTo(4096);
          assertThat(b.pageSize()).isEqualTo(512);
          publisher.publish(a);
          otherPublisher.publish(b);
        }
      }
      assertThat(rows()).isEqualTo(20);
    }
  }

  @Test
  void aWriterWithOpenStatementsIsNotClosed() {
    WriterConnection writer = WriterConnection.open(file, publisher);
    try (SqliteStatement open = writer.connection().prepare("SELECT 1")) {
      assertThat(open.step()).isTrue();
      assertThatThrownBy(writer::close).isInstanceOf(SqliteException.class);
      assertThatThrownBy(publisher::truncateToPublished).isInstanceOf(InvariantViolation.class);
    }
    publisher.publish(commit(writer));
    writer.close();
    publisher.truncateToPublished();
  }

  private void openCommittedViewAgain() {
    publisher = Publisher.open(file);
    reader = Readers.open(file);
  }

  private static CapturedTransaction commit(WriterConnection writer) {
    writer.connection().execute(INSERT);
    return requireNonNull(writer.takeCaptured());
  }

  private long rows() {
    return reader.queryLong("SELECT count(*) FROM t");
  }

  private static long walHandle(SqliteConnection connection) {
    try (Memory out = new Memory(16)) {
      out.setString(8, "main");
      long address = Pointer.nativeValue(out);
      assertThat(Sqlite3.sqlite3_file_control(connection.handle(), address + 8, 28, address))
          .isZero();
      return out.getLong(0);
    }
  }
}
