package dev.balsa.fsm;

import dev.balsa.sqlite.Limit;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqlText;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements of the application on one connection: guarded, within limits and in bounded time.
 * Keeps them compiled, by text. Used under that connection's lock; nothing else of the application
 * runs on it.
 */
final class StatementCache implements AutoCloseable {
  private static final int STATEMENTS_MAX = 64;
  private static final int SQL_SHOWN_CHARS = 200;
  private static final long UNKNOWN = -1;

  /** What a bound value may take while its statement waits to be run again. */
  private static final int BINDING_KEPT_BYTES = 4_096;

  private final SqliteConnection connection;
  private final SqlGuard guard;
  private final SqlLimits limits;
  private final StatementTimer.Watch watch;
  private final boolean mayBeInTransaction;
  private final @Nullable KeptSnapshot snapshot;

  /** The connection's, after the latest statement that wrote and ended well. */
  private long totalChanges = UNKNOWN;

  private final LinkedHashMap<String, Kept> statements =
      new LinkedHashMap<>(STATEMENTS_MAX * 2, 0.75f, true);

  /** What is done for a statement beside running it. */
  private enum Kind {
    VACUUM,
    EXPLAIN,
    QUERY,
    OTHER;

    static Kind of(String sql) {
      return switch (SqlText.firstKeyword(sql)) {
        case "VACUUM" -> VACUUM;
        case "EXPLAIN" -> EXPLAIN;
        case "SELECT", "VALUES", "WITH" -> QUERY;
        default -> OTHER;
      };
    }
  }

  /** A statement, compiled; its text is not looked at again. */
  private record Kept(SqliteStatement statement, Kind kind) {
    /** Whether it can go on with a state that was read before. */
    boolean isQuery() {
      return kind == Kind.QUERY && statement.readOnly();
    }
  }

  /** Sets the connection's limits. The statements may be within transactions. */
  StatementCache(SqliteConnection connection, SqlGuard guard, SqlSurface surface) {
    this(connection, guard, surface, true, null);
  }

  /**
   * Sets the connection's limits. Each statement is on its own.
   *
   * @param snapshot told before each; whatever transaction it leaves open is not theirs
   */
  StatementCache(
      SqliteConnection connection, SqlGuard guard, SqlSurface surface, KeptSnapshot snapshot) {
    this(connection, guard, surface, false, snapshot);
  }

  private StatementCache(
      SqliteConnection connection,
      SqlGuard guard,
      SqlSurface surface,
      boolean mayBeInTransaction,
      @Nullable KeptSnapshot snapshot) {
    this.connection = connection;
    this.guard = guard;
    this.mayBeInTransaction = mayBeInTransaction;
    this.snapshot = snapshot;
    this.limits = surface.limits();
    this.watch = surface.timer().watch(connection::interrupt);
    limits.applyTo(connection);
  }

  /**
   * Runs one statement to its end.
   *
   * @param timeout how long it may run
   * @throws SqliteException as SQLite reports it, or with the guard's reason, or what to do about a
   *     limit; the statement is reset
   * @throws StatementTimeoutException if it ran for too long
   */
  ExecuteResult run(Duration timeout, String sql, @Nullable Object... parameters) {
    limits.requireLength(sql);
    Kept kept = statements.get(sql);
    Kind kind = kept == null ? Kind.of(sql) : kept.kind();
    boolean vacuum = kind == Kind.VACUUM;
    if (snapshot != null) {
      snapshot.before(kept != null && kept.isQuery());
    }
    boolean inTransaction = mayBeInTransaction && !connection.autocommit();
    guard.application(vacuum, inTransaction);
    if (vacuum) {
      connection.limit(Limit.ATTACHED, 1); // the nameless file that it rebuilds the database in
    }
    boolean stopped = false;
    watch.start(timeout);
    try {
      return kept == null
          ? compileAndRun(sql, kind, parameters)
          : run(kept.statement(), parameters);
    } catch (SqliteException e) {
      stopped = true;
      boolean timedOut = watch.stop();
      String note =
          inTransaction && connection.autocommit()
              ? "; SQLite has rolled the whole transaction back"
              : "";
      throw timedOut && e.resultCode() == ResultCode.INTERRUPT
          ? new StatementTimeoutException(timeout, note)
          : explained(e, sql, note);
    } finally {
      if (!stopped) {
        watch.stop();
      }
      if (vacuum) {
        connection.limit(Limit.ATTACHED, 0);
      }
    }
  }

  private SqliteException explained(SqliteException e, String sql, String note) {
    String refusal = guard.refusal();
    if (refusal != null && e.resultCode() == ResultCode.AUTH) {
      return new SqliteException(e.extendedCode(), refusal + " (" + shown(sql) + ")" + note);
    }
    String more = e.detail().contains(" may not be ") ? hint(e.detail()) : limits.hint(e);
    String why = refusal == null ? "" : "; " + refusal; // of a statement within the statement
    if (more.isEmpty() && why.isEmpty() && note.isEmpty()) {
      return e;
    }
    SqliteException explained =
        new SqliteException(e.extendedCode(), e.detail() + more + why + note);
    explained.initCause(e.getCause());
    return explained;
  }

  private static String hint(String detail) {
    return detail.contains("sqlite_")
        ? ": the schema is changed by CREATE, ALTER and DROP"
        : ": its virtual table alone writes it";
  }

  private static String shown(String sql) {
    return sql.length() <= SQL_SHOWN_CHARS ? sql : sql.substring(0, SQL_SHOWN_CHARS) + "...";
  }

  private ExecuteResult compileAndRun(String sql, Kind kind, @Nullable Object[] parameters) {
    SqliteStatement statement = connection.prepare(sql);
    // The guard must be asked again next time. And an EXPLAIN does not check, as others do when
    // they begin, that the schema is still the one that it was compiled for: run again after that
    // was read anew, it prints from freed memory, which has ended the process.
    if (kind == Kind.EXPLAIN || guard.allowedByContext()) {
      try (statement) {
        return run(statement, parameters);
      }
    }
    statements.put(sql, new Kept(statement, kind));
    evict();
    return run(statement, parameters);
  }

  private ExecuteResult run(SqliteStatement statement, @Nullable Object[] parameters) {
    if (statement.parameterCount() != parameters.length) {
      throw new IllegalArgumentException(
          "the statement has "
              + statement.parameterCount()
              + " parameters, and "
              + parameters.length
              + " values were given: "
              + shown(statement.sql()));
    }
    boolean writes = !statement.readOnly();
    boolean large = false;
    long changesBefore = writes ? takeTotalChanges() : 0;
    List<Row> rows = new ArrayList<>();
    List<String> columns = List.of();
    long bytes = 0;
    try {
      for (int i = 0; i < parameters.length; i++) {
        statement.bind(i + 1, parameters[i]);
        large |= SqlLimits.weight(parameters[i]) > BINDING_KEPT_BYTES;
      }
      while (statement.step()) {
        if (rows.isEmpty()) {
          columns = statement.columnNames();
        }
        @Nullable Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = statement.column(i);
          bytes += SqlLimits.weight(values[i]);
        }
        rows.add(new Row(columns, values));
        if (bytes > limits.resultBytesMax()) {
          throw refuseLarger(statement);
        }
      }
      if (rows.isEmpty()) {
        columns = statement.columnNames();
      }
    } finally {
      statement.reset();
      if (large) {
        statement.clearBindings(); // all are bound anew each time: this only frees memory
      }
    }
    boolean changed = false;
    if (writes) {
      totalChanges = connection.totalChanges();
      changed = totalChanges != changesBefore;
    }
    return new ExecuteResult(
        changed ? connection.changes() : 0,
        writes ? connection.lastInsertRowid() : 0,
        columns.isEmpty() ? Rows.NONE : new Rows(columns, rows));
  }

  /** The connection's count of changes; not known any more until a statement has ended well. */
  private long takeTotalChanges() {
    long known = totalChanges;
    totalChanges = UNKNOWN;
    return known == UNKNOWN ? connection.totalChanges() : known;
  }

  /**
   * A writing statement has done all its work before its first row: just reset, it would commit. An
   * interrupt rolls it back. Should it end well all the same, the commit of a call that failed is
   * noticed, as always.
   */
  private SqliteException refuseLarger(SqliteStatement statement) {
    if (!statement.readOnly()) {
      connection.interrupt();
      try {
        statement.step();
      } catch (SqliteException interrupted) {
        SqliteException refused = limits.resultTooLarge();
        refused.addSuppressed(interrupted);
        return refused;
      }
    }
    return limits.resultTooLarge();
  }

  private void evict() {
    if (statements.size() > STATEMENTS_MAX) {
      var eldest = statements.entrySet().iterator();
      Map.Entry<String, Kept> entry = eldest.next();
      eldest.remove();
      entry.getValue().statement().close();
    }
  }

  /** Finalizes all statements. */
  @Override
  public void close() {
    watch.close();
    statements.values().forEach(kept -> kept.statement().close());
    statements.clear();
  }
}
