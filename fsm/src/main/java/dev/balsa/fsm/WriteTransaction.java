package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on the writer view, from the grant of the slot to Raft's decision.
 *
 * <p>After every native call that can end a transaction it is checked that exactly what was
 * committed was captured. In any doubt the writer view is discarded, which is safe because nothing
 * of it was published.
 */
final class WriteTransaction {
  private final DatabaseStateMachine machine;
  private final Gate gate;
  private final Gate.Grant grant;
  private boolean ended;

  private WriteTransaction(DatabaseStateMachine machine, Gate gate, Gate.Grant grant) {
    this.machine = machine;
    this.gate = gate;
    this.grant = grant;
  }

  /** Begins a transaction of several statements. */
  static WriteTransaction begin(
      DatabaseStateMachine machine, Gate gate, SessionOptions options, Deadline deadline) {
    WriteTransaction transaction = new WriteTransaction(machine, gate, gate.enter(deadline));
    transaction.releasingOnFailure(
        () ->
            transaction.onView(
                () -> {
                  transaction.view().grant(transaction.grant.hold(), options);
                  transaction.view().begin();
                  return null;
                }));
    return transaction;
  }

  /** Runs one statement as a transaction of its own. */
  static ExecuteResult autocommit(
      DatabaseStateMachine machine,
      Gate gate,
      SessionOptions options,
      Deadline deadline,
      String sql,
      @Nullable Object... parameters) {
    WriteTransaction transaction = new WriteTransaction(machine, gate, gate.enter(deadline));
    return transaction.autocommit(options, sql, parameters);
  }

  private record Executed(ExecuteResult result, @Nullable Ticket ticket) {}

  private ExecuteResult autocommit(
      SessionOptions options, String sql, @Nullable Object[] parameters) {
    Executed executed;
    try {
      executed =
          releasingOnFailure(
              () ->
                  onView(
                      () -> {
                        view().grant(grant.hold(), options);
                        ExecuteResult result = runAlone(sql, parameters);
                        return new Executed(result, propose(view().takeCaptured()));
                      }));
    } catch (SqliteException e) {
      confirmError(e, Deadline.after(options.timeout()));
      throw e;
    }
    // The statement may have run for longer than a call may wait.
    finish(executed.ticket(), Deadline.after(options.timeout()));
    return executed.result();
  }

  private ExecuteResult runAlone(String sql, @Nullable Object[] parameters) {
    try {
      return view().run(sql, parameters);
    } catch (SqliteException e) {
      requireNothingCaptured();
      throw e;
    }
  }

  /** Runs one statement within the transaction. */
  ExecuteResult run(String sql, @Nullable Object... parameters) {
    return onView(
        () -> {
          try {
            ExecuteResult result = view().run(sql, parameters);
            requireNothingCaptured();
            return result;
          } catch (SqliteException e) {
            requireNothingCaptured();
            if (!view().inTransaction()) {
              end(); // SQLite has rolled the whole transaction back
            }
            throw e;
          }
        });
  }

  /**
   * Commits, and waits until the transaction is on a quorum and published here.
   *
   * @throws SqliteException if SQLite refuses (e.g. a deferred foreign key): {@link #isOver} tells
   *     whether the transaction is still open
   */
  void commit(Deadline deadline) {
    Ticket ticket =
        onView(
            () -> {
              try {
                view().commit();
              } catch (SqliteException e) {
                requireNothingCaptured();
                if (!view().inTransaction()) {
                  end();
                }
                throw e;
              }
              return propose(view().takeCaptured());
            });
    finish(ticket, deadline);
  }

  /** Rolls back; does nothing if the transaction is over. */
  void rollback() {
    if (ended) {
      return;
    }
    try {
      onView(
          () -> {
            view().rollback();
            requireNothingCaptured();
            return null;
          });
    } catch (NotAppliedException e) {
      // The view was discarded, and the transaction with it: rolled back already.
    } finally {
      end();
    }
  }

  /** Whether the transaction has ended, in whatever way. */
  boolean isOver() {
    return ended || view().closedBecause() != null;
  }

  private WriterView view() {
    return grant.view();
  }

  private @Nullable Ticket propose(@Nullable CapturedTransaction captured) {
    if (captured == null) {
      return null;
    }
    Database database = grant.database();
    long term = view().term();
    Ticket ticket = database.issue(machine.nextId(term), captured, view(), grant.hold());
    List<byte[]> parts =
        EntryCodec.encodeCommit(
            database.name(),
            database.incarnation(),
            database.pageSize(),
            ticket.transaction(),
            machine.config().entryBytesMax());
    PartSender sender =
        new PartSender(
            machine.consensus(),
            term,
            parts,
            outcome -> machine.discard(database, view(), gate.refused(outcome)),
            stopped ->
                ticket
                    .outcome()
                    .completeExceptionally(
                        new OutcomeUnknownException(
                            "the node stopped before the transaction's fate was decided",
                            stopped)));
    try {
      sender.send();
    } catch (RuntimeException | Error e) {
      throw new OutcomeUnknownException("proposing failed: " + e.getMessage(), e);
    }
    return ticket;
  }

  /** Waits for Raft's decision; without a ticket only for the proof that this node still leads. */
  private void finish(@Nullable Ticket ticket, Deadline deadline) {
    ended = true;
    if (ticket == null) {
      grant.hold().release();
      gate.confirm(deadline);
      return;
    }
    try {
      ticket.outcome().get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new OutcomeUnknownException(
          "the transaction was not decided within "
              + deadline.timeout()
              + ": it may still be committed",
          null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknownException(
          "interrupted while the transaction was being replicated: it may still be committed", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BalsaException known) {
        known.addSuppressed(e); // where the caller waited
        throw known;
      }
      throw new OutcomeUnknownException("the transaction was not decided: " + e.getMessage(), e);
    }
  }

  /** An error tells of what the statement has read: it counts only if this node still leads. */
  private void confirmError(SqliteException error, Deadline deadline) {
    try {
      gate.confirm(deadline);
    } catch (BalsaException e) {
      e.addSuppressed(error);
      throw e;
    }
  }

  private BalsaException condemn(BalsaException doubt) {
    ended = true;
    view().condemn(String.valueOf(doubt.getMessage()));
    machine.discard(grant.database(), view(), doubt);
    return doubt;
  }

  private void requireNothingCaptured() {
    view().requireNothingCaptured();
  }

  private void end() {
    ended = true;
    grant.hold().release();
  }

  private <T extends @Nullable Object> T releasingOnFailure(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException | Error e) {
      end(); // a view in doubt is condemned, so that nobody else uses it
      throw e;
    }
  }

  private <T extends @Nullable Object> T onView(Supplier<T> work) {
    view().lock().lock();
    try {
      return work.get();
    } catch (SqliteException | NotAppliedException | IllegalArgumentException e) {
      throw e;
    } catch (OutcomeUnknownException e) {
      throw condemn(e);
    } catch (RuntimeException | Error e) {
      throw condemn(
          new NotAppliedException(
              "the transaction is rolled back, since it is in doubt what it wrote: "
                  + e.getMessage(),
              e));
    } finally {
      view().lock().unlock();
    }
  }
}
