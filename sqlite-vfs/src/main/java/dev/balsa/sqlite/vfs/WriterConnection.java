package dev.balsa.sqlite.vfs;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.Sqlite3;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.WalBytes;
import dev.balsa.sqlite.wal.WalIndexHeader;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The writer view of a database: one connection that executes ahead of what is published. What it
 * commits is in the WAL, and seen by itself alone.
 *
 * <p>After each native call that can end a transaction (step, exec, reset, finalize) its user calls
 * {@link #takeCaptured}, or {@link #requireNothingCaptured} if the call failed. Used by one thread
 * at a time, except for {@link SqliteConnection#interrupt}.
 */
public final class WriterConnection implements AutoCloseable {
  private static final int FCNTL_DATA_VERSION = 35;
  private static final String SYNCHRONOUS_FULL = "2";

  /** The usual bound on the bytes of pages that a captured transaction keeps in memory. */
  public static final long CAPTURED_BYTES_MAX = 4 << 20;

  private final SqliteConnection connection;
  private final FrameCapture capture;
  private final WriterVfs.Opening files;
  private final Publisher publisher;

  /** An int for answers, and the name of the main schema. */
  private final Memory scratch;

  private boolean closed;
  private boolean retired;

  private WriterConnection(
      SqliteConnection connection,
      FrameCapture capture,
      WriterVfs.Opening files,
      Publisher publisher) {
    this.connection = connection;
    this.capture = capture;
    this.files = files;
    this.publisher = publisher;
    this.scratch = new Memory(16);
    scratch.setString(8, "main", "US-ASCII");
  }

  /**
   * Opens the writer of a database. It sees what is published, and nothing else: the WAL must have
   * been cut back to that ({@link Publisher#truncateToPublished}).
   *
   * @throws SqliteException if SQLite cannot open it, or opens it in another way than it must be
   */
  public static WriterConnection open(Path database, Publisher committedView) {
    return open(database, committedView, CAPTURED_BYTES_MAX);
  }

  /**
   * As {@link #open(Path, Publisher)}, with another bound.
   *
   * @param capturedBytesMax bytes of pages that a captured transaction keeps in memory; those of a
   *     larger one are read from the WAL when they are asked for
   */
  public static WriterConnection open(
      Path database, Publisher committedView, long capturedBytesMax) {
    return open(database, committedView, UnaryOperator.identity(), capturedBytesMax);
  }

  /** As {@link #open(Path, Publisher)}, with the WAL's bytes wrapped: for tests of faults. */
  static WriterConnection open(
      Path database, Publisher publisher, UnaryOperator<WalBytes> walBytes) {
    return open(database, publisher, walBytes, CAPTURED_BYTES_MAX);
  }

  /** As {@link #open(Path, Publisher)}, with another bound on what is kept in memory. */
  static WriterConnection open(
      Path database, Publisher publisher, UnaryOperator<WalBytes> walBytes, long capturedBytesMax) {
    FrameImages images = publisher.writerOpened();
    boolean opened = false;
    try {
      WalIndexHeader published = publisher.published();
      FrameCapture capture =
          new FrameCapture(
              publisher.pageSize(),
              published.lastFrame(),
              published.frameChecksum(),
              published.salts(),
              file -> walBytes.apply(NativeFile.wal(file, database + "-wal")),
              new FrameCapture.Spill(capturedBytesMax, images));
      try (WriterVfs.Opening opening = WriterVfs.get().opening(capture)) {
        WriterConnection writer = open(database, publisher, capture, opening);
        opened = true;
        return writer;
      }
    } finally {
      if (!opened) {
        publisher.writerClosed();
      }
    }
  }

  private static WriterConnection open(
      Path database, Publisher publisher, FrameCapture capture, WriterVfs.Opening opening) {
    SqliteConnection connection =
        SqliteConnection.open(database, OpenFlags.READWRITE, WriterVfs.NAME);
    boolean opened = false;
    try {
      // Before all else: a close that checkpoints would be stopped, but noisily.
      connection.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
      connection.dbConfig(DbConfig.DEFENSIVE, true);
      connection.dbConfig(DbConfig.TRUSTED_SCHEMA, false);
      connection.dbConfig(DbConfig.WRITABLE_SCHEMA, false);
      connection.dbConfig(DbConfig.ENABLE_LOAD_EXTENSION, false);
      // Before the first read: later, the connection would already share the readers' wal-index.
      require(connection, "PRAGMA locking_mode=EXCLUSIVE", "exclusive");
      connection.execute("PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL");
      connection.queryLong("SELECT count(*) FROM sqlite_schema");
      require(connection, "PRAGMA journal_mode", "wal");
      require(connection, "PRAGMA synchronous", SYNCHRONOUS_FULL);
      require(connection, "PRAGMA locking_mode", "exclusive");
      require(connection, "PRAGMA page_size", Integer.toString(publisher.pageSize()));
      opening.check(connection.fileHandle());
      if (!NativeFile.powersafeOverwrite(connection.fileHandle())) {
        throw new SqliteException(
            ResultCode.MISUSE, "the writer needs the VFS's powersafe overwrite (psow=1)");
      }
      WriterConnection writer = new WriterConnection(connection, capture, opening, publisher);
      Invariant.check(
          Sqlite3.sqlite3_db_readonly(connection.handle(), writer.mainSchema()) == 0,
          "%s cannot be written",
          database);
      capture.begin(writer.dataVersion());
      opened = true;
      return writer;
    } finally {
      if (!opened) {
        connection.close();
        opening.filesClosed();
      }
    }
  }

  private static void require(SqliteConnection connection, String pragma, String expected) {
    String found = connection.queryText(pragma);
    if (!expected.equals(found)) {
      throw new SqliteException(
          ResultCode.MISUSE,
          "the writer needs " + expected + " from \"" + pragma + "\" but has " + found);
    }
  }

  /** The connection that statements run on. */
  public SqliteConnection connection() {
    Invariant.check(!retired, "the writer is retired");
    return connection;
  }

  /**
   * What was committed since the last call: after each native call that succeeded and may have
   * ended a transaction.
   *
   * @return null if nothing was written
   * @throws CaptureException if anything is in doubt; from then on always
   */
  public @Nullable CapturedTransaction takeCaptured() {
    checkOpen();
    return capture.take(dataVersion());
  }

  /**
   * After a native call that failed: nothing can have been committed, so nothing must have been
   * captured either.
   *
   * @throws CaptureException if anything was, or is in doubt
   */
  public void requireNothingCaptured() {
    if (takeCaptured() != null) {
      capture.forbidden("commit by a call that failed");
      takeCaptured();
    }
  }

  /**
   * Lets {@link Publisher#restartWal} take the WAL from under this writer, of which all is
   * published and no statement is open: it can only be closed from now on, and that is to be done
   * soon.
   */
  public void retire() {
    Invariant.check(takeCaptured() == null, "a writer with work in hand");
    retired = true;
    publisher.writerRetired();
  }

  /**
   * Closes the connection; its statements must have been closed. Does not checkpoint, and does not
   * cut the WAL: {@link Publisher#truncateToPublished} does, unless all of it is to be published.
   *
   * @throws SqliteException if SQLite refuses; the writer is still open then
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    connection.close();
    closed = true;
    files.filesClosed();
    scratch.close();
    publisher.writerClosed();
  }

  private void checkOpen() {
    if (closed || retired) {
      throw new IllegalStateException("the writer is closed");
    }
  }

  /** Changes with each commit of this connection, also one that wrote nothing. */
  private int dataVersion() {
    int code =
        Sqlite3.sqlite3_file_control(
            connection.handle(), mainSchema(), FCNTL_DATA_VERSION, Pointer.nativeValue(scratch));
    if (code != ResultCode.OK) {
      throw new CaptureException("the data version cannot be asked for: " + code, null);
    }
    return scratch.getInt(0);
  }

  private long mainSchema() {
    return Pointer.nativeValue(scratch) + 8;
  }
}
