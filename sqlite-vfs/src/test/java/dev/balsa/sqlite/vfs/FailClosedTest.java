package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.Authorizer;
import dev.balsa.sqlite.Sqlite3;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Wherever a commit hides, and whatever goes wrong in it: either it is captured as it is, or
 * nothing of it is ever published.
 */
@Timeout(300)
class FailClosedTest {
  private static final String INSERT = "INSERT INTO t(v) VALUES (randomblob(100))";
  private static final String RETURNING = "INSERT INTO t(v) VALUES (1), (2) RETURNING id";

  @TempDir Path folder;
  private final FaultyWal wal = new FaultyWal();
  private Path file;
  private Publisher publisher;
  private SqliteConnection reader;

  @BeforeEach
  void openCommittedView() {
    file = TestDatabase.create(folder.resolve("a.db"));
    publisher = Publisher.open(file);
    reader = Readers.open(file);
  }

  @AfterEach
  void closeCommittedView() {
    assertThat(reader.queryText("PRAGMA integrity_check")).isEqualTo("ok");
    reader.close();
    publisher.close();
  }

  /** The native calls that can end a transaction. */
  enum Call {
    EXECUTE,
    STEP_TO_THE_END,
    RESET,
    FINALIZE,
    COMMIT;

    void commit(SqliteConnection db) {
      switch (this) {
        case EXECUTE -> db.execute(INSERT);
        case COMMIT -> {
          db.execute("BEGIN IMMEDIATE; " + INSERT);
          db.execute("COMMIT");
        }
        case STEP_TO_THE_END, RESET, FINALIZE -> {
          SqliteStatement statement = db.prepare(RETURNING);
          boolean closed = false;
          try {
            assertThat(statement.step()).isTrue();
            if (this == STEP_TO_THE_END) {
              while (statement.step()) {}
            } else if (this == RESET) {
              statement.reset();
            } else {
              closed = true;
              statement.close();
            }
          } finally {
            if (!closed) {
              statement.close();
            }
          }
        }
      }
    }

    int rows() {
      return this == EXECUTE || this == COMMIT ? 1 : 2;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCommitIsCapturedWhereverItHides(Call call) {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publish(writer);
      call.commit(writer.connection());
      publisher.publish(requireNonNull(writer.takeCaptured()));
    }
    assertThat(rows()).isEqualTo(1 + call.rows());
  }

  @ParameterizedTest
  @EnumSource
  void anExceptionInTheUpcallPublishesNothing(Call call) {
    assertFatal(call, () -> new IllegalStateException("injected"));
  }

  @ParameterizedTest
  @EnumSource
  void anOutOfMemoryErrorInTheUpcallPublishesNothing(Call call) {
    assertFatal(call, () -> new OutOfMemoryError("injected"));
  }

  @ParameterizedTest
  @EnumSource
  void aStackOverflowErrorInTheUpcallPublishesNothing(Call call) {
    assertFatal(call, () -> new StackOverflowError("injected"));
  }

  private void assertFatal(Call call, Supplier<Throwable> fault) {
    try (WriterConnection writer = WriterConnection.open(file, publisher, wal::around)) {
      publish(writer);
      wal.failReads(fault);
      assertThatThrownBy(() -> call.commit(writer.connection()))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("SQLITE_IOERR");
      wal.failReads(null);
      assertThatThrownBy(writer::requireNothingCaptured)
          .isInstanceOf(CaptureException.class)
          .hasStackTraceContaining("injected");
    }
    assertThat(TestDatabase.walSize(file)).isEqualTo(published());
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
    assertTheNextWriterWorks();
  }

  /**
   * At the very end of the stack the upcall's Java cannot run at all, and JNA answers for it: "OK".
   * Tried at every depth from there on up. What is committed there is judged by another thread, as
   * a publication must not meet the end of the stack. Text is compiled each time, after a probe of
   * the stack; a statement that is kept runs without one, down to where the upcall is lost.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void atTheEndOfTheStackACommitIsCapturedOrNothingOfItIsTrusted(boolean kept) throws Exception {
    Descent descent = new Descent(kept);
    Thread thread = new Thread(null, descent, "end of the stack", 1 << 20);
    thread.start();
    while (thread.isAlive()) {
      if (descent.toBeJudged) {
        descent.judge();
        descent.toBeJudged = false;
      }
      Thread.onSpinWait();
    }
    descent.close();
    publisher.truncateToPublished();
    assertThat(descent.captured).hasValue(Descent.ENOUGH);
    assertThat(descent.overflowed + descent.lost).isPositive();
    assertThat(rows()).isEqualTo(descent.captured.get());
    assertTheNextWriterWorks();
  }

  /** Goes down until the stack ends, and commits on the way back until it has worked often. */
  private final class Descent implements Runnable {
    static final int ENOUGH = 50;

    private final boolean kept;
    private WriterConnection writer;
    private SqliteStatement insert;
    volatile boolean toBeJudged;
    final AtomicInteger captured = new AtomicInteger();
    int overflowed;
    int lost;

    Descent(boolean kept) {
      this.kept = kept;
      open();
    }

    private void open() {
      writer = WriterConnection.open(file, publisher);
      // As in earnest: it is the authorizer that has the stack probed.
      writer.connection().authorizer((action, a, b, c, d) -> Authorizer.Decision.ALLOW);
      insert = writer.connection().prepare(INSERT);
    }

    void close() {
      insert.close();
      writer.close();
    }

    void judge() {
      try {
        CapturedTransaction transaction = writer.takeCaptured();
        if (transaction != null) {
          publisher.publish(transaction);
          captured.incrementAndGet();
        }
      } catch (CaptureException doubt) {
        lost++;
        close();
        publisher.truncateToPublished();
        open();
      }
    }

    @Override
    public void run() {
      try {
        descend(0);
      } catch (StackOverflowError e) {
        overflowed++;
      }
    }

    private void descend(int depth) {
      try {
        if (depth < Integer.MAX_VALUE) {
          descend(depth + 1);
        }
      } finally {
        if (captured.get() < ENOUGH) {
          commit();
        }
      }
    }

    private void commit() {
      try {
        if (kept) {
          runToTheEnd(insert);
        } else {
          writer.connection().execute(INSERT);
        }
      } catch (SqliteException | StackOverflowError e) {
        overflowed++;
      }
      toBeJudged = true;
      while (toBeJudged) {
        Thread.onSpinWait();
      }
    }
  }

  private static void runToTheEnd(SqliteStatement statement) {
    try {
      while (statement.step()) {}
    } finally {
      statement.reset();
    }
  }

  @Test
  void aSyncOutsideOfACommitIsNeverTakenForOne() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publish(writer);
      assertThat(sync(writer)).isNotZero();
      assertThatThrownBy(writer::takeCaptured)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("no commit in the WAL");
    }
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
    assertTheNextWriterWorks();
  }

  @Test
  void aSyncOfSpilledFramesOfAnOpenTransactionIsNeverTakenForACommit() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publish(writer);
      long before = TestDatabase.walSize(file);
      writer.connection().execute("BEGIN; " + INSERT);
      assertThat(Sqlite3.sqlite3_db_cacheflush(writer.connection().handle())).isZero();
      assertThat(TestDatabase.walSize(file)).isGreaterThan(before);
      assertThat(sync(writer)).isNotZero();
      assertThat(TestDatabase.walSize(file)).isEqualTo(before);
      assertThatThrownBy(() -> writer.connection().execute("COMMIT"))
          .isInstanceOf(SqliteException.class);
      assertThatThrownBy(writer::takeCaptured).isInstanceOf(CaptureException.class);
    }
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
    assertTheNextWriterWorks();
  }

  @Test
  void aSecondSyncOfTheSameCommitIsNotTakenForAnother() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publish(writer);
      writer.connection().execute(INSERT);
      assertThat(sync(writer)).isNotZero();
      assertThatThrownBy(writer::takeCaptured)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("second commit");
    }
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
    assertTheNextWriterWorks();
  }

  @Test
  void aCommitOfACallThatFailedIsNotTrusted() {
    try (WriterConnection writer = WriterConnection.open(file, publisher)) {
      publish(writer);
      assertThatThrownBy(() -> writer.connection().execute(INSERT + "; SELECT no_such_column"))
          .isInstanceOf(SqliteException.class);
      assertThatThrownBy(writer::requireNothingCaptured)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("commit by a call that failed");
    }
    publisher.truncateToPublished();
    assertThat(rows()).isEqualTo(1);
    assertTheNextWriterWorks();
  }

  private void publish(WriterConnection writer) {
    writer.connection().execute(INSERT);
    publisher.publish(requireNonNull(writer.takeCaptured()));
  }

  private void assertTheNextWriterWorks() {
    long before = rows();
    try (WriterConnection next = WriterConnection.open(file, publisher)) {
      publish(next);
    }
    assertThat(rows()).isEqualTo(before + 1);
  }

  private long published() {
    return publisher.wal().sizeUpTo(publisher.publishedFrames());
  }

  private long rows() {
    return reader.queryLong("SELECT count(*) FROM t");
  }

  /** What SQLite calls when it makes the WAL durable. */
  private static int sync(WriterConnection writer) {
    try (Memory out = new Memory(16)) {
      out.setString(8, "main");
      long address = Pointer.nativeValue(out);
      long handle = writer.connection().handle();
      assertThat(Sqlite3.sqlite3_file_control(handle, address + 8, 28, address)).isZero();
      Pointer walFile = new Pointer(out.getLong(0));
      Pointer sync = walFile.getPointer(0).getPointer(FileMethods.SYNC);
      return Function.getFunction(sync).invokeInt(new Object[] {walFile, 2});
    }
  }
}
