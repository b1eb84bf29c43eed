package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteStatement;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.WriterConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A database's writer view on the leader: the connection that executes transactions ahead of the
 * quorum. It lives within one term; a session uses it while it holds the {@link WriterSlot}.
 *
 * <p>Every native call is made under {@link #lock}. Whoever discards the view wins that lock by
 * interrupting the statement that runs; from then on sessions are told that their transaction is
 * gone.
 */
final class WriterView {
  private static final long INTERRUPT_AGAIN_MILLIS = 10;

  private final long term;
  private final WriterConnection writer;
  private final CommitPipeline pipeline;
  private final SqliteConnection connection;
  private final SqlGuard guard = new SqlGuard(true);
  private final StatementCache statements;
  private final SqliteStatement begin;
  private final SqliteStatement commit;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable String closedBecause;
  private volatile boolean closedInOrder;
  private boolean retired;
  private boolean foreignKeys;
  private Duration statementTimeout = SessionOptions.DEFAULT.statementTimeout();
  private WriterSlot.@Nullable Hold holder;

  /**
   * Wraps a writer connection just opened.
   *
   * @param term of this node's leadership
   * @param pipeline takes what is executed on it
   */
  WriterView(long term, WriterConnection writer, CommitPipeline pipeline, SqlSurface sql) {
    this.term = term;
    this.pipeline = pipeline;
    this.writer = writer;
    this.connection = writer.connection();
    this.statements = new StatementCache(connection, guard, sql);
    guard.engine();
    connection.authorizer(guard);
    foreignKeys = connection.queryLong("PRAGMA foreign_keys") != 0;
    begin = connection.prepare("BEGIN IMMEDIATE");
    commit = connection.prepare("COMMIT");
  }

  long term() {
    return term;
  }

  /** Where what is executed here waits for Raft's decision. */
  CommitPipeline pipeline() {
    return pipeline;
  }

  /** Why the view is closed; null while it lives. */
  @Nullable String closedBecause() {
    return closedBecause;
  }

  /**
   * Why what was read on the view may not hold; null while it lives, and if it was closed with all
   * that it had executed published, to be followed by another one.
   */
  @Nullable String lostBecause() {
    return closedInOrder ? null : closedBecause;
  }

  /**
   * Ends the view, of which nobody uses anything and all is published: the WAL may go from under
   * it. Its connection is still to be closed.
   */
  void retire(String because) {
    closedInOrder = true; // first: nobody may take this for a loss
    closedBecause = because;
    alone(
        () -> {
          closeStatements();
          writer.retire();
          retired = true;
        });
  }

  /** To be held around each of the following calls. */
  ReentrantLock lock() {
    return lock;
  }

  /**
   * A session that has taken the slot begins to use the view: what it has set is set, and the slot
   * is freed if the view is discarded.
   */
  void grant(WriterSlot.Hold hold, SessionOptions options) {
    requireOpen();
    holder = hold;
    statementTimeout = options.statementTimeout();
    if (foreignKeys != options.foreignKeys()) {
      guard.engine();
      connection.execute("PRAGMA foreign_keys=" + (options.foreignKeys() ? "ON" : "OFF"));
      foreignKeys = options.foreignKeys();
    }
  }

  /** Begins a transaction. */
  void begin() {
    requireOpen();
    runOwn(begin);
  }

  /** Commits the transaction; its frames are then to be taken. */
  void commit() {
    requireOpen();
    runOwn(commit);
  }

  private void runOwn(SqliteStatement statement) {
    guard.engine();
    try {
      statement.step();
    } finally {
      statement.reset();
    }
  }

  /** Rolls the transaction back; without effect if SQLite has done so already. */
  void rollback() {
    requireOpen();
    if (!connection.autocommit()) {
      guard.engine();
      connection.execute("ROLLBACK");
    }
  }

  /** Runs one statement of the application, within a transaction or as one of its own. */
  ExecuteResult run(String sql, @Nullable Object... parameters) {
    requireOpen();
    return statements.run(statementTimeout, sql, parameters);
  }

  /** Whether a transaction is open. */
  boolean inTransaction() {
    requireOpen();
    return !connection.autocommit();
  }

  /** After a call that failed: throws if it has left anything in doubt. */
  void requireNothingCaptured() {
    requireOpen();
    writer.requireNothingCaptured();
  }

  /** What was committed and captured since the last call, which succeeded; null if nothing. */
  @Nullable CapturedTransaction takeCaptured() {
    requireOpen();
    return writer.takeCaptured();
  }

  /**
   * Ends the view: statements are interrupted and finalized, the connection is closed. The WAL is
   * not cut.
   *
   * @param because told to sessions that still come
   */
  void close(String because) {
    closedBecause = because;
    alone(
        () -> {
          if (!retired) {
            closeStatements();
          }
          writer.close();
        });
  }

  private void closeStatements() {
    statements.close();
    begin.close();
    commit.close();
  }

  /** Wins the lock, whatever runs. */
  private void alone(Runnable end) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (lock.tryLock(INTERRUPT_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
            break;
          }
          connection.interrupt();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      try {
        end.run();
      } finally {
        lock.unlock();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The view is in doubt and will be discarded: nobody uses it any more. */
  void condemn(String because) {
    closedBecause = because;
  }

  /** Frees the slot for whoever used the view last; called once the view is closed. */
  void releaseHolder() {
    if (holder != null) {
      holder.release();
    }
  }

  private void requireOpen() {
    String because = closedBecause;
    if (because != null) {
      throw new NotAppliedException("the transaction is rolled back: " + because);
    }
  }
}
