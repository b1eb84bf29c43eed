package dev.balsa.fsm;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqlText;
import dev.balsa.sqlite.SqliteException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An application's conversation with one replicated database.
 *
 * <p>A statement outside of a transaction is one of its own. Writing is done on the leader; when a
 * call returns, the transaction is on a quorum of nodes, and visible to every read that begins
 * later. Otherwise it throws:
 *
 * <ul>
 *   <li>{@link SqliteException}: SQLite refused the statement; it changed nothing.
 *   <li>{@link NotAppliedException} (and {@link NotLeaderException}): nothing of the transaction
 *       was or will be applied.
 *   <li>{@link OutcomeUnknownException}: this node did not learn whether it is committed.
 * </ul>
 *
 * <p>An open transaction that is lost with the node's leadership stays "open" for its session until
 * that calls {@link #rollback} or {@link #commit}: every statement until then is refused, so that
 * none runs on its own by mistake.
 *
 * <p>Its reads never go back, and see what it has written; {@link #bookmark} carries that to a
 * session on another node.
 *
 * <p>Used by one thread at a time; calls of several threads follow one another.
 */
public final class Session implements AutoCloseable {
  private final DatabaseStateMachine machine;
  private final SessionOptions options;
  private final SeenState seen;
  private final Gate gate;
  private final SqlTexts texts = new SqlTexts();
  private @Nullable WriteTransaction transaction;
  private @Nullable DeferredTransaction deferred;
  private boolean closed;

  Session(DatabaseStateMachine machine, DatabaseName database, SessionOptions options) {
    this.machine = machine;
    this.options = options;
    this.seen = new SeenState(machine, options.bookmark());
    this.gate = new Gate(machine, database, seen);
  }

  /**
   * Runs a statement. {@code BEGIN}, {@code COMMIT} and {@code ROLLBACK} as text do what the
   * methods of these names do.
   *
   * <p>Several statements in one text, without parameters, run one after the other, each as if it
   * were given by itself: outside of a transaction each is one of its own, and a text that is to
   * apply as a whole begins with {@code BEGIN;} and ends with {@code COMMIT}. The first that fails
   * ends it; what went before stays done, and a transaction begun by it stays open.
   *
   * @param parameters values for its parameters, in order: numbers, {@link String}, byte[], {@link
   *     Boolean} or null
   * @return the result of the last statement
   */
  public synchronized ExecuteResult execute(String sql, @Nullable Object... parameters) {
    requireOpen();
    SqlTexts.Known text = texts.of(sql);
    if (!text.several()) {
      return executeOne(text, parameters);
    }
    requireNoParameters("several statements in one text", parameters);
    ExecuteResult last = ExecuteResult.NONE;
    for (String statement : SqlText.statements(sql)) {
      last = executeOne(texts.of(statement));
    }
    return last;
  }

  private ExecuteResult executeOne(SqlTexts.Known text, @Nullable Object... parameters) {
    TransactionControl control = text.control();
    if (control != TransactionControl.NONE) {
      requireNoParameters(control.name(), parameters);
    }
    switch (control) {
      case BEGIN -> begin();
      case BEGIN_IMMEDIATE -> {
        requireMayWrite();
        begin();
      }
      case BEGIN_DEFERRED -> beginDeferred();
      case COMMIT -> commit();
      case ROLLBACK -> rollback();
      case NONE -> {
        return executeOther(text.sql(), text.keyword(), parameters);
      }
    }
    return ExecuteResult.NONE;
  }

  private ExecuteResult executeOther(String sql, String keyword, @Nullable Object[] parameters) {
    return switch (keyword) {
      case "SELECT", "VALUES", "EXPLAIN" -> new ExecuteResult(0, 0, query(sql, parameters));
      // Those that may find nothing to do, and that need not ask the leader to be refused.
      case "INSERT",
          "REPLACE",
          "UPDATE",
          "DELETE",
          "CREATE",
          "ALTER",
          "DROP",
          "VACUUM",
          "ANALYZE",
          "REINDEX" -> {
        requireMayWrite();
        yield write(sql, parameters);
      }
      default ->
          options.readOnly()
              ? new ExecuteResult(0, 0, query(sql, parameters)) // SQLite finds what writes
              : write(sql, parameters);
    };
  }

  private static void requireNoParameters(String what, @Nullable Object[] parameters) {
    if (parameters.length > 0) {
      throw new IllegalArgumentException(what + " cannot have parameters");
    }
  }

  private ExecuteResult write(String sql, @Nullable Object... parameters) {
    DeferredTransaction reading = deferred;
    if (reading != null) {
      transaction = reading.write();
      deferred = null;
    }
    WriteTransaction open = transaction;
    try {
      return open != null
          ? open.run(Deadline.after(machine.threads(), options.timeout()), sql, parameters)
          : WriteTransaction.autocommit(
              machine,
              gate,
              options,
              Deadline.after(machine.threads(), options.timeout()),
              sql,
              parameters);
    } finally {
      seen.note(); // an error tells of what was read, too
    }
  }

  /**
   * Runs one statement that reads. Within a transaction it sees what that has written; outside of
   * one, what the session's {@link ReadMode} promises.
   */
  public synchronized Rows query(String sql, @Nullable Object... parameters) {
    requireOpen();
    WriteTransaction open = transaction;
    if (open != null) {
      return open.run(Deadline.after(machine.threads(), options.timeout()), sql, parameters).rows();
    }
    DeferredTransaction reading = deferred;
    return reading(
        reading != null
            ? () -> reading.query(sql, parameters)
            : () -> queryOutside(options.readMode(), sql, parameters));
  }

  /**
   * Runs one statement that reads, as that mode promises and not the session's own.
   *
   * @throws IllegalStateException if a transaction is open, which reads one state
   */
  public synchronized Rows query(ReadMode mode, String sql, @Nullable Object... parameters) {
    requireNoTransaction();
    return reading(() -> queryOutside(mode, sql, parameters));
  }

  private Rows queryOutside(ReadMode mode, String sql, @Nullable Object[] parameters) {
    Database database = gate.readableAtOnce(mode);
    if (database == null) {
      database = gate.readable(options, mode, Deadline.after(machine.threads(), options.timeout()));
    }
    return database.readers().query(options.statementTimeout(), sql, parameters);
  }

  private Rows reading(Supplier<Rows> query) {
    try {
      return query.get();
    } catch (SqliteException e) {
      boolean writes =
          e.resultCode() == ResultCode.READONLY
              || (e.resultCode() == ResultCode.AUTH && e.detail().contains(SqlGuard.WRITES));
      if (options.readOnly() && writes) {
        throw readOnly();
      }
      if (e.resultCode() == ResultCode.READONLY) {
        throw new SqliteException(e.extendedCode(), "query() only reads: use execute() to write");
      }
      throw e;
    } finally {
      seen.note();
    }
  }

  private void requireMayWrite() {
    if (options.readOnly()) {
      throw readOnly();
    }
  }

  private static SqliteException readOnly() {
    return new SqliteException(
        ResultCode.READONLY, "this session only reads (SessionOptions.readOnly)");
  }

  /**
   * The newest state that this session's own reads and writes have seen, or that it was told to
   * see. A session anywhere in the cluster that is given it sees what this one has seen, or more:
   * so one reads one's own writes, and never goes back, from one node to another. It may stand for
   * a little more than was seen, never for less, and never for what is not committed.
   */
  public synchronized Bookmark bookmark() {
    return seen.bookmark();
  }

  /**
   * From now on this session sees at least that state: its next call waits, within its timeout,
   * until this node has applied it ({@link BookmarkNotReachedException} if it does not). A
   * transaction that reads already keeps its state.
   *
   * @throws IllegalArgumentException if the bookmark is one of another cluster
   */
  public synchronized void advanceTo(Bookmark bookmark) {
    requireOpen();
    seen.advanceTo(bookmark);
  }

  /** Prepares a statement, to be run many times. */
  public PreparedSql prepare(String sql) {
    return new PreparedSql(this, sql);
  }

  /**
   * Begins a transaction that may write. It waits for those before it. In a session that is opened
   * read-only, begins one as {@link #beginDeferred} does.
   *
   * @throws IllegalStateException if one is open
   */
  public synchronized void begin() {
    if (options.readOnly()) {
      beginDeferred();
      return;
    }
    requireNoTransaction();
    transaction =
        WriteTransaction.begin(
            machine, gate, options, Deadline.after(machine.threads(), options.timeout()));
  }

  /**
   * Begins a transaction that reads one state of the database, as its session's {@link ReadMode}
   * lets it, and waits for nobody. With its first write it goes on as one that {@link #begin} has
   * begun, on the leader, if nobody has written since its first read; else that write is refused
   * with SQLITE_BUSY_SNAPSHOT, and the transaction is to be rolled back and done again.
   *
   * @throws IllegalStateException if a transaction is open
   */
  public synchronized void beginDeferred() {
    requireNoTransaction();
    deferred = new DeferredTransaction(machine, gate, options);
  }

  private void requireNoTransaction() {
    requireOpen();
    if (inTransaction()) {
      throw new IllegalStateException("a transaction is open already");
    }
  }

  private boolean endDeferred() {
    DeferredTransaction reading = deferred;
    deferred = null;
    if (reading != null) {
      reading.end();
    }
    return reading != null;
  }

  /**
   * Commits the open transaction. If SQLite refuses and the transaction is still open (a deferred
   * foreign key is violated), it stays open.
   *
   * @throws IllegalStateException if none is open
   */
  public synchronized void commit() {
    requireOpen();
    if (endDeferred()) {
      return; // it has written nothing, and what it read was one state
    }
    WriteTransaction open = transaction;
    if (open == null) {
      throw new IllegalStateException("no transaction is open");
    }
    try {
      open.commit(Deadline.after(machine.threads(), options.timeout()));
      transaction = null;
    } catch (RuntimeException | Error e) {
      if (!(e instanceof SqliteException) || open.isOver()) {
        transaction = null;
      }
      throw e;
    } finally {
      seen.note();
    }
  }

  /**
   * Rolls back the open transaction; without effect if there is none. What the transaction has read
   * may be another one's work that is still being replicated: this waits until that is certain.
   *
   * @throws BalsaException if what the transaction has read turns out not to be committed, or
   *     cannot be confirmed, and no call has told so before; it is rolled back all the same
   */
  public synchronized void rollback() {
    requireOpen();
    endDeferred();
    WriteTransaction open = transaction;
    transaction = null;
    if (open != null) {
      try {
        open.rollback(Deadline.after(machine.threads(), options.timeout()));
      } finally {
        seen.note();
      }
    }
  }

  private synchronized void abandon() {
    endDeferred();
    WriteTransaction open = transaction;
    transaction = null;
    if (open != null) {
      open.abandon();
    }
  }

  /** Whether a transaction is open; also one that is lost, until the session has ended it. */
  public synchronized boolean inTransaction() {
    return transaction != null || deferred != null;
  }

  /**
   * Runs work as one transaction: committed when it returns, rolled back when it throws.
   *
   * @param work uses the session that it is given, without ending the transaction
   */
  public <T extends @Nullable Object> T transaction(Function<Session, T> work) {
    begin();
    T result;
    try {
      result = work.apply(this);
    } catch (RuntimeException | Error e) {
      rollback(e);
      throw e;
    }
    try {
      commit();
    } catch (SqliteException e) {
      rollback(e);
      throw e;
    }
    return result;
  }

  private void rollback(Throwable why) {
    try {
      rollback();
    } catch (BalsaException e) {
      why.addSuppressed(e);
    }
  }

  /** Rolls back what is open. The database stays. */
  @Override
  public synchronized void close() {
    if (!closed) {
      abandon();
      closed = true;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
  }
}
