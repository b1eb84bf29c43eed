package dev.balsa.sqlite;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One prepared statement. Used by one thread at a time, the one that uses its connection. Its life:
 * bind, {@link #step} until false, {@link #reset}, and again; {@link #close} before the connection.
 *
 * <p>Text is any text that UTF-8 can carry, NUL included; a string with an unpaired surrogate is
 * refused, since it would come back as another. NaN is stored as NULL, as SQLite does.
 */
public final class SqliteStatement implements AutoCloseable {
  private enum State {
    READY,
    ROW,
    DONE,
    FAILED,
    CLOSED
  }

  private final SqliteConnection connection;
  private final String sql;
  private final int sqlBytes;
  private final long handle;
  private final boolean readOnly;
  private final int parameters;

  /** The authorizer that the statement was compiled under; under another it is compiled again. */
  private @Nullable AuthorizerUpcall authorizer;

  private State state = State.READY;

  /** How often SQLite had compiled it anew after the latest first step. */
  private int compiledAgain;

  /** Whether the authorizer may not have been asked for all of it: it must not run again. */
  private boolean distrusted;

  /** The {@link #compiledAgain} that {@link #columnNames} belongs to; -1 if there are none. */
  private int columnNamesAt = -1;

  private List<String> columnNames = List.of();

  SqliteStatement(SqliteConnection connection, long handle, String sql, int sqlBytes) {
    this.connection = connection;
    this.handle = handle;
    this.sql = sql;
    this.sqlBytes = sqlBytes;
    this.readOnly = Sqlite3.sqlite3_stmt_readonly(handle) != 0;
    this.parameters = Sqlite3.sqlite3_bind_parameter_count(handle);
    this.authorizer = connection.authorizer();
  }

  /**
   * Binds a parameter. The statement must be reset or new.
   *
   * @param index from 1
   * @param value Long, Integer, Short, Byte, Boolean (1 or 0), Double, Float, String, byte[] or
   *     null
   * @throws IllegalArgumentException for another type, or a string with an unpaired surrogate
   * @throws SqliteException SQLITE_RANGE if there is no such parameter
   */
  public void bind(int index, @Nullable Object value) {
    if (value == null) {
      bindNull(index);
    } else if (value instanceof String text) {
      bindText(index, text);
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      bindLong(index, ((Number) value).longValue());
    } else if (value instanceof byte[] blob) {
      bindBlob(index, blob);
    } else if (value instanceof Double || value instanceof Float) {
      bindDouble(index, ((Number) value).doubleValue());
    } else if (value instanceof Boolean truth) {
      bindLong(index, truth ? 1 : 0);
    } else {
      throw new IllegalArgumentException(
          "parameter " + index + ": SQLite has no type for a " + value.getClass().getName());
    }
  }

  /** Binds NULL; see {@link #bind}. */
  public void bindNull(int index) {
    connection.check(Sqlite3.sqlite3_bind_null(ready(), index));
  }

  /** Binds an integer; see {@link #bind}. */
  public void bindLong(int index, long value) {
    connection.check(Sqlite3.sqlite3_bind_int64(ready(), index, value));
  }

  /** Binds a float; see {@link #bind}. */
  public void bindDouble(int index, double value) {
    connection.check(Sqlite3.sqlite3_bind_double(ready(), index, value));
  }

  /** Binds a text; see {@link #bind}. */
  public void bindText(int index, String value) {
    long statement = ready();
    int unpaired = NativeText.unpairedSurrogate(value);
    if (unpaired >= 0) {
      throw new IllegalArgumentException(
          "parameter " + index + ": the text has an unpaired surrogate at " + unpaired);
    }
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    NativeScratch scratch = connection.scratch();
    int code =
        Sqlite3.sqlite3_bind_text64(
            statement,
            index,
            scratch.put(bytes),
            bytes.length,
            Sqlite3.SQLITE_TRANSIENT,
            Sqlite3.SQLITE_UTF8);
    scratch.releaseLarge();
    connection.check(code);
  }

  /** Binds a blob, which may be empty; see {@link #bind}. */
  public void bindBlob(int index, byte[] value) {
    long statement = ready();
    NativeScratch scratch = connection.scratch();
    int code =
        Sqlite3.sqlite3_bind_blob64(
            statement, index, scratch.put(value), value.length, Sqlite3.SQLITE_TRANSIENT);
    scratch.releaseLarge();
    connection.check(code);
  }

  /** Sets all parameters to NULL. */
  public void clearBindings() {
    connection.check(Sqlite3.sqlite3_clear_bindings(ready()));
  }

  /** The largest parameter index, 0 if there are none. */
  public int parameterCount() {
    open();
    return parameters;
  }

  /**
   * Index of a named parameter.
   *
   * @param name with its {@code :}, {@code @} or {@code $}
   * @return 0 if there is none of that name
   */
  public int parameterIndex(String name) {
    long statement = open();
    return Sqlite3.sqlite3_bind_parameter_index(statement, connection.scratch().putString(name));
  }

  /**
   * Goes to the next row.
   *
   * @return true on a row, false when the statement is done
   * @throws SqliteException if it failed; {@link #reset} before it can run again
   * @throws IllegalStateException if it was already done or had failed
   * @throws StackOverflowError if there is not enough stack to ask the authorizer. A statement that
   *     writes may have been compiled anew nevertheless, and have run in part or whole without
   *     having been allowed to: it never runs again
   */
  public boolean step() {
    long statement = open();
    if (state == State.DONE || state == State.FAILED) {
      throw new IllegalStateException("the statement has ended and must be reset: " + sql);
    }
    if (distrusted) {
      throw new IllegalStateException(
          "the statement has met the end of the stack, and can only be closed: " + sql);
    }
    boolean first = state == State.READY;
    AuthorizerUpcall current = connection.authorizer();
    if (first) {
      expectAuthorizer(current);
    }
    int code = Sqlite3.sqlite3_step(statement);
    if (first) {
      requireAsked(current);
      distrusted = false;
    }
    if (code == Sqlite3.SQLITE_ROW) {
      if (state == State.READY) {
        readColumnNames();
        state = State.ROW;
      }
      return true;
    }
    if (code == Sqlite3.SQLITE_DONE) {
      state = State.DONE;
      return false;
    }
    state = State.FAILED;
    throw connection.failure(code);
  }

  /**
   * Makes the statement ready to run again; bindings stay.
   *
   * @throws SqliteException if ending it meant a commit (it was on a row of a writing statement
   *     outside of a transaction) and that failed; never for what {@link #step} has reported
   */
  public void reset() {
    long statement = open();
    boolean reported = state == State.FAILED;
    state = State.READY;
    int code = Sqlite3.sqlite3_reset(statement);
    if (!reported) {
      connection.check(code);
    }
  }

  /** SQLite's view of it: false if it writes. Some that say true write: PRAGMA optimize. */
  public boolean readOnly() {
    open();
    return readOnly;
  }

  /** The text it was prepared from. */
  public String sql() {
    return sql;
  }

  /** Columns of its result, 0 if it has none. */
  public int columnCount() {
    return Sqlite3.sqlite3_column_count(open());
  }

  /**
   * Name of a result column.
   *
   * @param index from 0
   */
  public String columnName(int index) {
    List<String> names = columnNames();
    return names.get(checkIndex(index, names.size()));
  }

  /**
   * Names of the result's columns. A step from the beginning may change them: SQLite compiles a
   * statement anew when the schema is another.
   */
  public List<String> columnNames() {
    open();
    if (state != State.ROW) { // on a row they are known
      readColumnNames();
    }
    return columnNames;
  }

  /** Asks for the names again only if they may be others: many calls for the one. */
  private void readColumnNames() {
    if (compiledAgain != columnNamesAt) {
      String[] names = new String[Sqlite3.sqlite3_column_count(handle)];
      for (int i = 0; i < names.length; i++) {
        names[i] = NativeText.of(Sqlite3.sqlite3_column_name(handle, i));
      }
      columnNames = List.of(names);
      columnNamesAt = compiledAgain;
    }
  }

  /** Storage class of a column of the current row, from 0, before any conversion. */
  public ColumnType columnType(int index) {
    return ColumnType.of(Sqlite3.sqlite3_column_type(row(index), index));
  }

  /**
   * A column of the current row.
   *
   * @param index from 0
   * @return Long, Double, String, byte[] or null
   * @throws IllegalStateException if there is no current row
   */
  public @Nullable Object column(int index) {
    return switch (columnType(index)) {
      case INTEGER -> Sqlite3.sqlite3_column_int64(handle, index);
      case FLOAT -> Sqlite3.sqlite3_column_double(handle, index);
      case TEXT -> textAt(index);
      case BLOB -> blobAt(index);
      case NULL -> null;
    };
  }

  /** The column as SQLite converts it to an integer; 0 for NULL. */
  public long columnLong(int index) {
    return Sqlite3.sqlite3_column_int64(row(index), index);
  }

  /** The column as SQLite converts it to a float; 0 for NULL. */
  public double columnDouble(int index) {
    return Sqlite3.sqlite3_column_double(row(index), index);
  }

  /** The column as SQLite converts it to text; null for NULL. Malformed UTF-8 becomes U+FFFD. */
  public @Nullable String columnText(int index) {
    row(index);
    return textAt(index);
  }

  /** The column as SQLite converts it to a blob; null for NULL. */
  public byte @Nullable [] columnBlob(int index) {
    return columnType(index) == ColumnType.NULL ? null : blobAt(index);
  }

  /**
   * Ends the statement. A closed one stays closed.
   *
   * @throws SqliteException as {@link #reset} does; it is closed all the same
   */
  @Override
  public void close() {
    if (state != State.CLOSED) {
      connection.handle();
      boolean reported = state == State.FAILED;
      state = State.CLOSED;
      int code = Sqlite3.sqlite3_finalize(handle);
      if (!reported) {
        connection.check(code);
      }
    }
  }

  @Override
  public String toString() {
    return "SqliteStatement[" + sql + ", " + state + "]";
  }

  /**
   * Under another authorizer SQLite compiles a statement anew in its first step; it does so also
   * when the schema, or a parameter that it has planned by, is another one. That is rare, and a
   * probe of the stack before each step takes long, so it comes {@linkplain #requireAsked
   * afterwards}; wherever the stack ends until then, the statement is not trusted any more. A
   * reading one that the same authorizer has allowed before is not worth it.
   */
  private void expectAuthorizer(@Nullable AuthorizerUpcall current) {
    if (current == null) {
      return;
    }
    if (current != authorizer) {
      current.expectCalls(sqlBytes);
    } else if (!readOnly) {
      current.forgetFailure();
      distrusted = true;
    }
  }

  /** The stack was as deep for the authorizer as it is now. */
  private void requireAsked(@Nullable AuthorizerUpcall current) {
    int now = Sqlite3.sqlite3_stmt_status(handle, Sqlite3.SQLITE_STMTSTATUS_REPREPARE, 0);
    if (distrusted && now != compiledAgain) {
      StackProbe.require(sqlBytes);
    }
    if (authorizer != current) { // to set it always has the collector note it always
      authorizer = current;
    }
    compiledAgain = now;
  }

  private @Nullable String textAt(int index) {
    long address = Sqlite3.sqlite3_column_text(handle, index);
    if (address == 0) {
      requireNull(index);
      return null;
    }
    return NativeText.text(address, Sqlite3.sqlite3_column_bytes(handle, index));
  }

  private byte[] blobAt(int index) {
    long address = Sqlite3.sqlite3_column_blob(handle, index);
    return NativeText.bytes(
        address, address == 0 ? 0 : Sqlite3.sqlite3_column_bytes(handle, index));
  }

  /** No address for a value that is not NULL: the conversion ran out of memory. */
  private void requireNull(int index) {
    if (Sqlite3.sqlite3_column_type(handle, index) != 5) {
      throw connection.failure(ResultCode.NOMEM);
    }
  }

  private long row(int index) {
    open();
    if (state != State.ROW) {
      throw new IllegalStateException("the statement is not on a row: " + sql);
    }
    checkIndex(index, columnNames.size());
    return handle;
  }

  private static int checkIndex(int index, int count) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException("column " + index + " of " + count);
    }
    return index;
  }

  private long ready() {
    long statement = open();
    if (state != State.READY) {
      throw new IllegalStateException("the statement must be reset first: " + sql);
    }
    return statement;
  }

  private long open() {
    if (state == State.CLOSED) {
      throw new IllegalStateException("the statement is closed: " + sql);
    }
    return handle;
  }
}
