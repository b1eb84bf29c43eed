package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteStatement;
import java.util.function.LongSupplier;

/**
 * The state of the committed view that a connection has read last, kept for its next statement
 * while there is no other: a read transaction that is left open. To take a state and to let go of
 * it costs locks on the wal-index, in the kernel if no other connection of the process has them,
 * and so takes longer than to find a row.
 *
 * <p>States are told apart by a number, which changes whenever there may be another one, before
 * anybody is told of that. A statement that begins with the number at which the kept state was
 * taken may read that state; with another number it takes a new one.
 *
 * <p>Where most statements find another state than the one before, none is kept: beginning and
 * ending a transaction would only come on top. What is kept also holds up checkpoints and a WAL's
 * new beginning, so whoever makes these lets go of it first ({@link ReaderPool#letGo}).
 *
 * <p>Used under its connection's lock.
 */
final class KeptSnapshot implements AutoCloseable {
  /** How many statements must have found the same state before it is kept. */
  private static final int ALIKE_BEFORE_KEPT = 4;

  private final SqliteConnection connection;
  private final SqlGuard guard;
  private final LongSupplier states;
  private final SqliteStatement begin;
  private final SqliteStatement end;
  private long latest;
  private int alike;
  private boolean kept;

  /**
   * Keeps nothing yet.
   *
   * @param guard the connection's
   * @param states the number
   */
  KeptSnapshot(SqliteConnection connection, SqlGuard guard, LongSupplier states) {
    this.connection = connection;
    this.guard = guard;
    this.states = states;
    this.begin = connection.prepare("BEGIN");
    this.end = connection.prepare("COMMIT");
  }

  /**
   * A statement follows.
   *
   * @param repeated whether it is a query, and has run before; any other runs on its own, outside
   *     of a transaction
   */
  void before(boolean repeated) {
    long state = states.getAsLong();
    if (kept && state == latest && repeated) {
      return;
    }
    letGo();
    alike = state == latest && repeated ? alike + 1 : 0;
    latest = state;
    if (alike >= ALIKE_BEFORE_KEPT) {
      keep();
    }
  }

  /** Whether a state is kept. */
  boolean isKept() {
    return kept;
  }

  /** The number that the latest statement began with. */
  long latest() {
    return latest;
  }

  /** The statement that comes next takes the state. */
  private void keep() {
    run(begin);
    kept = true;
  }

  /**
   * Ends the transaction, if there is one; SQLite may have done so, with a statement that failed.
   *
   * @throws SqliteException if it does not end: the connection would go on reading that state, and
   *     must be closed if it cannot let go at another time
   */
  void letGo() {
    if (!kept) {
      return;
    }
    if (!connection.autocommit()) {
      run(end);
    }
    kept = false;
    alike = 0;
  }

  private void run(SqliteStatement statement) {
    guard.engine();
    try {
      statement.step();
    } finally {
      statement.reset();
    }
  }

  @Override
  public void close() {
    begin.close();
    end.close();
  }
}
