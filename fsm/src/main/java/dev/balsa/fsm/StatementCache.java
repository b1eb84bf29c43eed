package dev.balsa.fsm;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The prepared statements of one connection, by text. Used under that connection's lock. */
final class StatementCache implements AutoCloseable {
  private static final int STATEMENTS_MAX = 64;

  private final SqliteConnection connection;
  private final SqlGuard guard;
  private final LinkedHashMap<String, SqliteStatement> statements =
      new LinkedHashMap<>(STATEMENTS_MAX * 2, 0.75f, true);

  StatementCache(SqliteConnection connection, SqlGuard guard) {
    this.connection = connection;
    this.guard = guard;
  }

  /**
   * Runs one statement to its end.
   *
   * @throws SqliteException as SQLite reports it, or with the guard's reason; the statement is
   *     reset
   */
  ExecuteResult run(String sql, @Nullable Object... parameters) {
    try {
      SqliteStatement statement = statements.get(sql);
      if (statement == null) {
        statement = connection.prepare(sql);
        statements.put(sql, statement);
        evict();
      }
      return run(statement, parameters);
    } catch (SqliteException e) {
      String refusal = guard.refusal();
      if (refusal != null && e.resultCode() == ResultCode.AUTH) {
        throw new SqliteException(e.extendedCode(), refusal + " (" + sql + ")");
      }
      throw e;
    }
  }

  private ExecuteResult run(SqliteStatement statement, @Nullable Object[] parameters) {
    if (statement.parameterCount() != parameters.length) {
      throw new IllegalArgumentException(
          "the statement has "
              + statement.parameterCount()
              + " parameters, and "
              + parameters.length
              + " values were given: "
              + statement.sql());
    }
    long changesBefore = connection.totalChanges();
    List<Row> rows = new ArrayList<>();
    List<String> columns = List.of();
    try {
      for (int i = 0; i < parameters.length; i++) {
        statement.bind(i + 1, parameters[i]);
      }
      while (statement.step()) {
        if (rows.isEmpty()) {
          columns = columns(statement);
        }
        @Nullable Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = statement.column(i);
        }
        rows.add(new Row(columns, values));
      }
      if (rows.isEmpty()) {
        columns = columns(statement);
      }
    } finally {
      statement.reset();
      statement.clearBindings();
    }
    long changes = connection.totalChanges() == changesBefore ? 0 : connection.changes();
    return new ExecuteResult(
        changes,
        connection.lastInsertRowid(),
        columns.isEmpty() ? Rows.NONE : new Rows(columns, rows));
  }

  private static List<String> columns(SqliteStatement statement) {
    int count = statement.columnCount();
    if (count == 0) {
      return List.of();
    }
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(statement.columnName(i));
    }
    return List.copyOf(names);
  }

  private void evict() {
    if (statements.size() > STATEMENTS_MAX) {
      var eldest = statements.entrySet().iterator();
      Map.Entry<String, SqliteStatement> entry = eldest.next();
      eldest.remove();
      entry.getValue().close();
    }
  }

  /** Finalizes all statements. */
  @Override
  public void close() {
    statements.values().forEach(SqliteStatement::close);
    statements.clear();
  }
}
