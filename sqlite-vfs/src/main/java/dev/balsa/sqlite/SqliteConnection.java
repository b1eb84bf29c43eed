package dev.balsa.sqlite;

import com.sun.jna.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One {@code sqlite3*}. Used by one thread at a time, which callers see to, except {@link
 * #interrupt}. Must be closed; nothing closes it behind the caller's back. After that every method
 * but {@link #interrupt} and {@link #close} throws {@link IllegalStateException}.
 */
public final class SqliteConnection implements AutoCloseable {
  /** Extended result codes from the open call on. */
  private static final int OPEN_EXRESCODE = 0x0200_0000;

  private static final boolean VARIADIC_ON_STACK = Platform.isMac() && Platform.isARM();
  private static final byte[] MAIN = "main".getBytes(StandardCharsets.UTF_8);

  private final String name;
  private final NativeScratch scratch;
  private final Object interruptLock = new Object();

  /** 0 once closed; written under {@link #interruptLock}. */
  private long handle;

  /** Kept reachable as long as SQLite may call it. */
  private @Nullable AuthorizerUpcall authorizer;

  private SqliteConnection(String name, long handle, NativeScratch scratch) {
    this.name = name;
    this.handle = handle;
    this.scratch = scratch;
  }

  /**
   * Opens a database.
   *
   * @param file the file, as SQLite takes it; {@code :memory:} works
   * @param flags {@link OpenFlags}
   * @param vfs name of a registered VFS, null for the default one
   * @throws SqliteLibraryException if there is no fit SQLite library
   * @throws SqliteException if SQLite cannot open it
   */
  public static SqliteConnection open(Path file, int flags, @Nullable String vfs) {
    Sqlite3.require();
    String name = file.toString();
    NativeScratch scratch = new NativeScratch();
    try (NativeScratch vfsName = new NativeScratch()) {
      int code =
          Sqlite3.sqlite3_open_v2(
              scratch.putString(name),
              scratch.out0(),
              flags | OPEN_EXRESCODE,
              vfs == null ? 0 : vfsName.putString(vfs));
      long handle = scratch.long0();
      if (code != Sqlite3.SQLITE_OK) {
        String detail =
            NativeText.of(
                handle == 0 ? Sqlite3.sqlite3_errstr(code) : Sqlite3.sqlite3_errmsg(handle));
        Sqlite3.sqlite3_close(handle);
        scratch.close();
        throw new SqliteException(code, detail + ": " + name);
      }
      return new SqliteConnection(name, handle, scratch);
    }
  }

  /**
   * Runs one or more statements; rows are discarded.
   *
   * @throws SqliteException by the first statement that fails; those before it took effect
   */
  public void execute(String sql) {
    handle();
    byte[] bytes = sqlBytes(sql);
    long start = scratch.put(bytes);
    try {
      int offset = 0;
      while (offset < bytes.length) {
        long statement = compile(start + offset, bytes.length - offset);
        offset = (int) (scratch.long1() - start);
        if (statement != 0) {
          run(statement);
        }
      }
    } finally {
      scratch.releaseLarge();
    }
  }

  private void run(long statement) {
    int code = Sqlite3.sqlite3_step(statement);
    while (code == Sqlite3.SQLITE_ROW) {
      code = Sqlite3.sqlite3_step(statement);
    }
    if (code == Sqlite3.SQLITE_DONE) {
      check(Sqlite3.sqlite3_finalize(statement));
    } else {
      SqliteException failure = failure(code);
      Sqlite3.sqlite3_finalize(statement);
      throw failure;
    }
  }

  /**
   * Compiles one statement.
   *
   * @throws SqliteException if it is wrong or not allowed, if there is none, or if more follows it
   */
  public SqliteStatement prepare(String sql) {
    handle();
    byte[] bytes = sqlBytes(sql);
    long at = scratch.put(bytes);
    long statement;
    try {
      statement = compile(at, bytes.length);
    } finally {
      scratch.releaseLarge();
    }
    if (statement == 0) {
      throw new SqliteException(ResultCode.ERROR, "there is no statement in this SQL");
    }
    int used = (int) (scratch.long1() - at);
    if (used < bytes.length
        && !SqlText.isBlank(new String(bytes, used, bytes.length - used, StandardCharsets.UTF_8))) {
      Sqlite3.sqlite3_finalize(statement);
      throw new SqliteException(
          ResultCode.ERROR, "more SQL follows the statement; only one can be prepared");
    }
    return new SqliteStatement(this, statement, sql, bytes.length);
  }

  /**
   * Runs a query.
   *
   * @return first column of the first row, null if that is NULL or there is no row
   */
  public @Nullable String queryText(String sql) {
    try (SqliteStatement statement = prepare(sql)) {
      return statement.step() ? statement.columnText(0) : null;
    }
  }

  /**
   * Runs a query.
   *
   * @return first column of the first row, as an integer
   * @throws IllegalStateException if there is no row or it is NULL
   */
  public long queryLong(String sql) {
    try (SqliteStatement statement = prepare(sql)) {
      if (!statement.step() || statement.columnType(0) == ColumnType.NULL) {
        throw new IllegalStateException("no value from: " + sql);
      }
      return statement.columnLong(0);
    }
  }

  /** Whether no transaction is open. */
  public boolean autocommit() {
    return Sqlite3.sqlite3_get_autocommit(handle()) != 0;
  }

  /** Rows changed by the last INSERT, UPDATE or DELETE, without triggers. */
  public long changes() {
    return Sqlite3.sqlite3_changes64(handle());
  }

  /** Rows changed since the connection was opened. */
  public long totalChanges() {
    return Sqlite3.sqlite3_total_changes64(handle());
  }

  /** Rowid of the last row inserted, 0 before the first. */
  public long lastInsertRowid() {
    return Sqlite3.sqlite3_last_insert_rowid(handle());
  }

  /**
   * Makes what runs now end soon with SQLITE_INTERRUPT. From any thread, at any time; when nothing
   * runs, or the connection is closed, nothing happens.
   */
  public void interrupt() {
    synchronized (interruptLock) {
      if (handle != 0) {
        Sqlite3.sqlite3_interrupt(handle);
      }
    }
  }

  /**
   * Installs an authorizer for statements prepared from now on; earlier ones are prepared again.
   *
   * @param authorizer null for none
   */
  public void authorizer(@Nullable Authorizer authorizer) {
    AuthorizerUpcall upcall = authorizer == null ? null : new AuthorizerUpcall(authorizer);
    check(Sqlite3.sqlite3_set_authorizer(handle(), upcall == null ? 0 : upcall.address(), 0));
    this.authorizer = upcall;
  }

  /** Turns a switch on or off. */
  public void dbConfig(DbConfig option, boolean on) {
    if (dbConfig(option, on ? 1 : 0) != on) {
      throw new SqliteException(ResultCode.ERROR, "the library does not switch " + option);
    }
  }

  /** Whether a switch is on. */
  public boolean dbConfig(DbConfig option) {
    return dbConfig(option, -1);
  }

  private boolean dbConfig(DbConfig option, int value) {
    long db = handle();
    check(
        VARIADIC_ON_STACK
            ? Sqlite3.sqlite3_db_config(db, option.code(), 0, 0, 0, 0, 0, 0, value, scratch.out0())
            : Sqlite3.sqlite3_db_config(db, option.code(), value, scratch.out0()));
    return scratch.int0() != 0;
  }

  /**
   * Sets a limit.
   *
   * @param value the new one; negative only asks
   * @return the old one
   */
  public int limit(Limit what, int value) {
    return Sqlite3.sqlite3_limit(handle(), what.code(), value);
  }

  /**
   * Checkpoints the main database.
   *
   * @throws SqliteException if it failed; busy and locked are results
   */
  public CheckpointResult checkpoint(CheckpointMode mode) {
    int code =
        Sqlite3.sqlite3_wal_checkpoint_v2(
            handle(), scratch.put(MAIN), mode.code(), scratch.out0(), scratch.out1());
    int primary = code & 0xFF;
    if (primary != ResultCode.BUSY && primary != ResultCode.LOCKED) {
      check(code);
    }
    return new CheckpointResult(code, scratch.int0(), scratch.int1());
  }

  /** Address of the main database's {@code sqlite3_file}, valid until the connection is closed. */
  public long fileHandle() {
    check(
        Sqlite3.sqlite3_file_control(
            handle(), scratch.put(MAIN), Sqlite3.SQLITE_FCNTL_FILE_POINTER, scratch.out0()));
    return scratch.long0();
  }

  /**
   * The {@code sqlite3*}, for calls of {@link Sqlite3}.
   *
   * @throws IllegalStateException if the connection is closed
   */
  public long handle() {
    long open = handle;
    if (open == 0) {
      throw new IllegalStateException("the connection to " + name + " is closed");
    }
    return open;
  }

  /**
   * Closes the connection. A closed one stays closed.
   *
   * @throws SqliteException if statements are still open: a programmer's error; the connection
   *     stays open then
   */
  @Override
  public void close() {
    synchronized (interruptLock) {
      if (handle == 0) {
        return;
      }
      check(Sqlite3.sqlite3_close(handle));
      handle = 0;
    }
    authorizer = null;
    scratch.close();
  }

  @Override
  public String toString() {
    return "SqliteConnection[" + name + (handle == 0 ? ", closed]" : "]");
  }

  /**
   * The authorizer, which is also asked when SQLite compiles a statement again in its first step.
   */
  @Nullable AuthorizerUpcall authorizer() {
    return authorizer;
  }

  NativeScratch scratch() {
    return scratch;
  }

  /** The tail's address is in the scratch's second out parameter. */
  private long compile(long sql, int bytes) {
    if (authorizer != null) {
      authorizer.expectCalls(bytes);
    }
    int code =
        Sqlite3.sqlite3_prepare_v3(handle(), sql, bytes + 1, 0, scratch.out0(), scratch.out1());
    check(code);
    return scratch.long0();
  }

  private static byte[] sqlBytes(String sql) {
    int nul = sql.indexOf('\0');
    if (nul >= 0) {
      throw new SqliteException(ResultCode.ERROR, "the SQL has a NUL character at " + nul);
    }
    int unpaired = NativeText.unpairedSurrogate(sql);
    if (unpaired >= 0) {
      throw new SqliteException(
          ResultCode.ERROR, "the SQL has an unpaired surrogate at " + unpaired);
    }
    return sql.getBytes(StandardCharsets.UTF_8);
  }

  /** Throws for a code that is not OK. */
  void check(int code) {
    if (code != Sqlite3.SQLITE_OK) {
      throw failure(code);
    }
  }

  /** The exception for a code that a call on this connection has just answered. */
  SqliteException failure(int code) {
    long db = handle();
    boolean current = Sqlite3.sqlite3_extended_errcode(db) == code;
    SqliteException failure =
        new SqliteException(
            code,
            NativeText.of(current ? Sqlite3.sqlite3_errmsg(db) : Sqlite3.sqlite3_errstr(code)));
    Throwable cause = authorizer == null ? null : authorizer.takeFailure();
    if (cause != null) {
      failure.initCause(cause);
    }
    return failure;
  }
}
