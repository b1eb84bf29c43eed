package dev.balsa.sqlite;

import org.jspecify.annotations.Nullable;

/**
 * SQLite's C functions, by JNA's direct mapping: nothing but the functions, unchecked. Pointers are
 * {@code long}, 0 being NULL; a wrong one crashes the process. {@link SqliteConnection} and {@link
 * SqliteStatement} are the safe way to most of this.
 *
 * <p>The class binds to the library when it is first used. When that fails, {@link #require} says
 * why, and the functions throw {@link UnsatisfiedLinkError}: call {@link #require} first.
 */
public final class Sqlite3 {
  /** Result code: success. */
  public static final int SQLITE_OK = 0;

  /** Result code of a step that has a row. */
  public static final int SQLITE_ROW = 100;

  /** Result code of a step that came to the end. */
  public static final int SQLITE_DONE = 101;

  /** Makes SQLite copy what is bound. https://sqlite.org/c3ref/c_static.html */
  public static final long SQLITE_TRANSIENT = -1;

  /** Text encoding. https://sqlite.org/c3ref/c_any.html */
  public static final byte SQLITE_UTF8 = 1;

  /**
   * Counter of a statement: how often it was compiled anew, for another schema or authorizer.
   * https://sqlite.org/c3ref/c_stmtstatus_counter.html
   */
  public static final int SQLITE_STMTSTATUS_REPREPARE = 5;

  /** File control: the sqlite3_file. https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html */
  public static final int SQLITE_FCNTL_FILE_POINTER = 7;

  /** Why there is no usable library, or null. */
  private static final SqliteLibrary.@Nullable Unusable UNUSABLE =
      SqliteLibrary.bind(Sqlite3.class);

  private Sqlite3() {}

  /**
   * Makes sure that the library is there and fit for use.
   *
   * @throws SqliteLibraryException if it is missing, cannot be loaded, is not SQLite, is too old,
   *     or was built without something that Balsa needs; the message says which in one sentence
   */
  public static void require() {
    if (UNUSABLE != null) {
      throw new SqliteLibraryException(UNUSABLE.reason(), UNUSABLE.cause());
    }
  }

  /** The version as a number: 3054001 is 3.54.1. https://sqlite.org/c3ref/libversion.html */
  public static native int sqlite3_libversion_number();

  /** The version as a C string. https://sqlite.org/c3ref/libversion.html */
  public static native long sqlite3_libversion();

  /** Date, time and hash of the sources, as a C string. https://sqlite.org/c3ref/libversion.html */
  public static native long sqlite3_sourceid();

  /** 0: built without mutexes. https://sqlite.org/c3ref/threadsafe.html */
  public static native int sqlite3_threadsafe();

  /** 1 if built with the option. https://sqlite.org/c3ref/compileoption_get.html */
  public static native int sqlite3_compileoption_used(long name);

  /**
   * The index-th compile option as a C string, or 0.
   * https://sqlite.org/c3ref/compileoption_get.html
   */
  public static native long sqlite3_compileoption_get(int index);

  /** Memory of SQLite's own allocator, or 0. https://sqlite.org/c3ref/free.html */
  public static native long sqlite3_malloc64(long bytes);

  /** Frees what SQLite allocated; 0 is fine. https://sqlite.org/c3ref/free.html */
  public static native void sqlite3_free(long memory);

  /** English text of a result code, as a static C string. https://sqlite.org/c3ref/errcode.html */
  public static native long sqlite3_errstr(int code);

  /**
   * Opens a connection; {@code db} is where its handle is stored, which is to be closed also after
   * an error. https://sqlite.org/c3ref/open.html
   */
  public static native int sqlite3_open_v2(long filename, long db, int flags, long vfs);

  /** Closes a connection; BUSY while it has statements. https://sqlite.org/c3ref/close.html */
  public static native int sqlite3_close(long db);

  /** Turns extended result codes on. https://sqlite.org/c3ref/extended_result_codes.html */
  public static native int sqlite3_extended_result_codes(long db, int on);

  /** Code of the last failure of this connection. https://sqlite.org/c3ref/errcode.html */
  public static native int sqlite3_errcode(long db);

  /** Extended code of the last failure. https://sqlite.org/c3ref/errcode.html */
  public static native int sqlite3_extended_errcode(long db);

  /**
   * Text of the last failure, as a C string that lives until the next call.
   * https://sqlite.org/c3ref/errcode.html
   */
  public static native long sqlite3_errmsg(long db);

  /**
   * Byte offset of the token in the SQL that the last failure is about, or -1.
   * https://sqlite.org/c3ref/errcode.html
   */
  public static native int sqlite3_error_offset(long db);

  /**
   * The operating system's error number of the last I/O failure.
   * https://sqlite.org/c3ref/system_errno.html
   */
  public static native int sqlite3_system_errno(long db);

  /** How long to wait for locks. https://sqlite.org/c3ref/busy_timeout.html */
  public static native int sqlite3_busy_timeout(long db, int millis);

  /**
   * Makes running statements end soon; from any thread, while the connection is open.
   * https://sqlite.org/c3ref/interrupt.html
   */
  public static native void sqlite3_interrupt(long db);

  /** 0 inside BEGIN ... COMMIT. https://sqlite.org/c3ref/get_autocommit.html */
  public static native int sqlite3_get_autocommit(long db);

  /** 0 none, 1 read, 2 write. https://sqlite.org/c3ref/txn_state.html */
  public static native int sqlite3_txn_state(long db, long schema);

  /** Rows changed by the last INSERT, UPDATE or DELETE. https://sqlite.org/c3ref/changes.html */
  public static native long sqlite3_changes64(long db);

  /** Rows changed since the connection was opened. https://sqlite.org/c3ref/total_changes.html */
  public static native long sqlite3_total_changes64(long db);

  /** Rowid of the last row inserted. https://sqlite.org/c3ref/last_insert_rowid.html */
  public static native long sqlite3_last_insert_rowid(long db);

  /** Sets what last_insert_rowid answers. https://sqlite.org/c3ref/set_last_insert_rowid.html */
  public static native void sqlite3_set_last_insert_rowid(long db, long rowid);

  /**
   * Sets a limit, a negative value only asks; answers the old one.
   * https://sqlite.org/c3ref/limit.html
   */
  public static native int sqlite3_limit(long db, int limit, int value);

  /** Installs the authorizer; 0 removes it. https://sqlite.org/c3ref/set_authorizer.html */
  public static native int sqlite3_set_authorizer(long db, long authorizer, long context);

  /**
   * Switches an option that takes {@code int, int*}. Variadic in C: see {@link DbConfig}.
   * https://sqlite.org/c3ref/db_config.html
   */
  public static native int sqlite3_db_config(long db, int option, int on, long result);

  /**
   * The absolute name of the database file, as a C string.
   * https://sqlite.org/c3ref/db_filename.html
   */
  public static native long sqlite3_db_filename(long db, long schema);

  /** 1 read-only, 0 writable, -1 no such schema. https://sqlite.org/c3ref/db_readonly.html */
  public static native int sqlite3_db_readonly(long db, long schema);

  /**
   * Writes dirty pages out in the middle of a transaction.
   * https://sqlite.org/c3ref/db_cacheflush.html
   */
  public static native int sqlite3_db_cacheflush(long db);

  /** Frees what the connection can do without. https://sqlite.org/c3ref/db_release_memory.html */
  public static native int sqlite3_db_release_memory(long db);

  /** A counter of the connection. https://sqlite.org/c3ref/db_status.html */
  public static native int sqlite3_db_status(
      long db, int status, long current, long highest, int reset);

  /** Asks the VFS's file object. https://sqlite.org/c3ref/file_control.html */
  public static native int sqlite3_file_control(long db, long schema, int operation, long argument);

  /**
   * Checkpoints; the last two are where {@code int}s are stored.
   * https://sqlite.org/c3ref/wal_checkpoint_v2.html
   */
  public static native int sqlite3_wal_checkpoint_v2(
      long db, long schema, int mode, long walFrames, long checkpointedFrames);

  /**
   * Checkpoints after commits when the WAL is that long; 0: never.
   * https://sqlite.org/c3ref/wal_autocheckpoint.html
   */
  public static native int sqlite3_wal_autocheckpoint(long db, int frames);

  /**
   * Compiles the first statement of {@code sql}; {@code bytes} counts the closing NUL.
   * https://sqlite.org/c3ref/prepare.html
   */
  public static native int sqlite3_prepare_v3(
      long db, long sql, int bytes, int flags, long statement, long tail);

  /**
   * Ends a statement; answers the error of its last step, or of the commit that ending it meant.
   * https://sqlite.org/c3ref/finalize.html
   */
  public static native int sqlite3_finalize(long statement);

  /** 100 a row, 101 done, else an error. https://sqlite.org/c3ref/step.html */
  public static native int sqlite3_step(long statement);

  /** Makes it ready again; answers as finalize does. https://sqlite.org/c3ref/reset.html */
  public static native int sqlite3_reset(long statement);

  /** Sets all parameters to NULL. https://sqlite.org/c3ref/clear_bindings.html */
  public static native int sqlite3_clear_bindings(long statement);

  /**
   * The statement after this one, or the first (0), of a connection.
   * https://sqlite.org/c3ref/next_stmt.html
   */
  public static native long sqlite3_next_stmt(long db, long statement);

  /** Its text, as a C string. https://sqlite.org/c3ref/expanded_sql.html */
  public static native long sqlite3_sql(long statement);

  /**
   * A counter of a statement; reset to 0 if {@code reset} is not 0.
   * https://sqlite.org/c3ref/stmt_status.html
   */
  public static native int sqlite3_stmt_status(long statement, int counter, int reset);

  /** 1 if it does not write the database directly. https://sqlite.org/c3ref/stmt_readonly.html */
  public static native int sqlite3_stmt_readonly(long statement);

  /**
   * 1 if it was stepped and neither ended nor was reset. https://sqlite.org/c3ref/stmt_busy.html
   */
  public static native int sqlite3_stmt_busy(long statement);

  /** 1 EXPLAIN, 2 EXPLAIN QUERY PLAN. https://sqlite.org/c3ref/stmt_isexplain.html */
  public static native int sqlite3_stmt_isexplain(long statement);

  /** The largest parameter index. https://sqlite.org/c3ref/bind_parameter_count.html */
  public static native int sqlite3_bind_parameter_count(long statement);

  /** Index of a named parameter, or 0. https://sqlite.org/c3ref/bind_parameter_index.html */
  public static native int sqlite3_bind_parameter_index(long statement, long name);

  /** Name of a parameter, as a C string, or 0. https://sqlite.org/c3ref/bind_parameter_name.html */
  public static native long sqlite3_bind_parameter_name(long statement, int index);

  /** Binds NULL. https://sqlite.org/c3ref/bind_blob.html */
  public static native int sqlite3_bind_null(long statement, int index);

  /** Binds an integer. https://sqlite.org/c3ref/bind_blob.html */
  public static native int sqlite3_bind_int64(long statement, int index, long value);

  /** Binds a float; NaN becomes NULL. https://sqlite.org/c3ref/bind_blob.html */
  public static native int sqlite3_bind_double(long statement, int index, double value);

  /**
   * Binds text; destructor -1 (SQLITE_TRANSIENT) copies it; encoding 1 is UTF-8.
   * https://sqlite.org/c3ref/bind_blob.html
   */
  public static native int sqlite3_bind_text64(
      long statement, int index, long text, long bytes, long destructor, byte encoding);

  /** Binds a blob; a null address binds NULL. https://sqlite.org/c3ref/bind_blob.html */
  public static native int sqlite3_bind_blob64(
      long statement, int index, long blob, long bytes, long destructor);

  /** Columns of the result; 0 if it has none. https://sqlite.org/c3ref/column_count.html */
  public static native int sqlite3_column_count(long statement);

  /**
   * Name of a column, as a C string that lives until the next prepare.
   * https://sqlite.org/c3ref/column_name.html
   */
  public static native long sqlite3_column_name(long statement, int column);

  /**
   * Declared type of a column, as a C string, or 0. https://sqlite.org/c3ref/column_decltype.html
   */
  public static native long sqlite3_column_decltype(long statement, int column);

  /** Columns of the current row; 0 if there is none. https://sqlite.org/c3ref/data_count.html */
  public static native int sqlite3_data_count(long statement);

  /** 1 integer, 2 float, 3 text, 4 blob, 5 NULL. https://sqlite.org/c3ref/column_blob.html */
  public static native int sqlite3_column_type(long statement, int column);

  /** The value as an integer. https://sqlite.org/c3ref/column_blob.html */
  public static native long sqlite3_column_int64(long statement, int column);

  /** The value as a float. https://sqlite.org/c3ref/column_blob.html */
  public static native double sqlite3_column_double(long statement, int column);

  /**
   * The value as UTF-8, valid until the next step, reset or conversion.
   * https://sqlite.org/c3ref/column_blob.html
   */
  public static native long sqlite3_column_text(long statement, int column);

  /** The value's bytes; 0 for a blob of no bytes. https://sqlite.org/c3ref/column_blob.html */
  public static native long sqlite3_column_blob(long statement, int column);

  /**
   * Length of what column_text or column_blob just answered.
   * https://sqlite.org/c3ref/column_blob.html
   */
  public static native int sqlite3_column_bytes(long statement, int column);

  /** A VFS by name, the default one for 0. https://sqlite.org/c3ref/vfs_find.html */
  public static native long sqlite3_vfs_find(long name);

  /** Registers a VFS. https://sqlite.org/c3ref/vfs_find.html */
  public static native int sqlite3_vfs_register(long vfs, int makeDefault);

  /** Removes a VFS. https://sqlite.org/c3ref/vfs_find.html */
  public static native int sqlite3_vfs_unregister(long vfs);

  /** A query parameter of a filename that xOpen got. https://sqlite.org/c3ref/uri_boolean.html */
  public static native long sqlite3_uri_parameter(long filename, long name);

  /**
   * The database's filename, of any filename that xOpen got.
   * https://sqlite.org/c3ref/filename_database.html
   */
  public static native long sqlite3_filename_database(long filename);

  /**
   * The WAL's filename, of any filename that xOpen got.
   * https://sqlite.org/c3ref/filename_database.html
   */
  public static native long sqlite3_filename_wal(long filename);

  /**
   * The sqlite3_file of the database that a journal or WAL filename belongs to.
   * https://sqlite.org/c3ref/database_file_object.html
   */
  public static native long sqlite3_database_file_object(long filename);

  /**
   * {@link #sqlite3_db_config(long, int, int, long)} for Apple's calling convention on ARM, where
   * variadic arguments are on the stack: six fillers take the remaining argument registers.
   */
  static native int sqlite3_db_config(
      long db,
      long option,
      long filler2,
      long filler3,
      long filler4,
      long filler5,
      long filler6,
      long filler7,
      long on,
      long result);
}
