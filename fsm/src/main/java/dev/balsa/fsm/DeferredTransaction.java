package dev.balsa.fsm;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteException;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that has not written yet: what it reads is one state of the committed view, taken
 * with its first statement. With its first write it moves to the writer view, if nothing has been
 * written since (https://sqlite.org/lang_transaction.html, "DEFERRED").
 */
final class DeferredTransaction {
  /** SQLITE_BUSY_SNAPSHOT, https://sqlite.org/rescode.html#busy_snapshot */
  static final int BUSY_SNAPSHOT = ResultCode.BUSY | 2 << 8;

  private final DatabaseStateMachine machine;
  private final Gate gate;
  private final SessionOptions options;
  private ReaderPool.@Nullable Snapshot snapshot;
  private @Nullable EntryId seen;

  DeferredTransaction(DatabaseStateMachine machine, Gate gate, SessionOptions options) {
    this.machine = machine;
    this.gate = gate;
    this.options = options;
  }

  /** Runs a statement that reads. */
  Rows query(String sql, @Nullable Object... parameters) {
    ReaderPool.Snapshot open = snapshot;
    return (open == null ? take() : open).query(options.statementTimeout(), sql, parameters);
  }

  private ReaderPool.Snapshot take() {
    Database database =
        gate.readable(
            options, options.readMode(), Deadline.after(machine.threads(), options.timeout()));
    // The snapshot shows this transaction or a later one: then it counts as old, at worst in vain.
    EntryId published = database.publishedLast();
    ReaderPool.Snapshot taken = database.readers().snapshot();
    seen = published;
    snapshot = taken;
    return taken;
  }

  /**
   * Goes on as a transaction that writes.
   *
   * @throws SqliteException with {@link #BUSY_SNAPSHOT} if somebody has written since the snapshot:
   *     this one can still read, but must be rolled back and done again to write
   */
  WriteTransaction write() {
    WriteTransaction writing =
        WriteTransaction.begin(
            machine, gate, options, Deadline.after(machine.threads(), options.timeout()));
    EntryId before = seen;
    if (before != null && !writing.beganAt(before)) {
      writing.abandon();
      throw new SqliteException(
          BUSY_SNAPSHOT,
          "the database was written to since this transaction began to read: roll back, and do it"
              + " again");
    }
    end();
    return writing;
  }

  /** Lets go of the snapshot. */
  void end() {
    ReaderPool.Snapshot open = snapshot;
    snapshot = null;
    if (open != null) {
      open.end();
    }
  }
}
