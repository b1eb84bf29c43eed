package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on the writer view, from the grant of the slot to Raft's decision. The slot is
 * kept until it ends on the view; what Raft decides is waited for without it.
 *
 * <p>After every native call that can end a transaction it is checked that exactly what was
 * committed was captured. In any doubt the writer view is discarded, which is safe because nothing
 * of it was published.
 */
final class WriteTransaction {
  private final DatabaseStateMachine machine;
  private final Gate gate;
  private final Gate.Grant grant;

  /** Whether it has ended on the writer view. */
  private boolean over;

  /** Whether its caller has been answered anything. */
  private boolean used;

  /** Whether its caller has been told that it is lost. */
  private boolean toldLost;

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
                  return transaction;
                }));
    return transaction;
  }

  /** Whether the transaction has begun on that state. Asked before its first statement. */
  boolean beganAt(EntryId id) {
    return pipeline().isAt(id);
  }

  /** Runs one statement as a transaction of its own. */
  static ExecuteResult autocommit(
      DatabaseStateMachine machine,
      Gate gate,
      SessionOptions options,
      Deadline deadline,
      String sql,
      @Nullable Object... parameters) {
    Database database = gate.admit(deadline);
    QueuedStatement queued =
        new QueuedStatement(machine, gate, database, options, deadline, sql, parameters);
    WriterSlot.Hold hold = database.slot().takeOrLeave(queued);
    if (hold == null) {
      Executed executed = queued.await();
      if (executed.error() != null) {
        executed.error().fillInStackTrace(); // as if it had been run on this thread
      }
      return told(gate, executed, Deadline.after(machine.threads(), options.timeout()));
    }
    WriteTransaction transaction =
        new WriteTransaction(machine, gate, gate.grantOrFree(database, hold, deadline));
    return transaction.autocommit(options, sql, parameters);
  }

  /** One on a view that the caller has been granted. */
  static WriteTransaction granted(DatabaseStateMachine machine, Gate gate, Gate.Grant grant) {
    return new WriteTransaction(machine, gate, grant);
  }

  /** What a statement has led to on the view that it was run on. */
  record Executed(
      WriterView view,
      @Nullable ExecuteResult result,
      @Nullable SqliteException error,
      @Nullable Ticket ticket) {}

  private ExecuteResult autocommit(
      SessionOptions options, String sql, @Nullable Object[] parameters) {
    Executed executed = releasingOnFailure(() -> executeAlone(options, sql, parameters));
    // The statement may have run for longer than a call may wait.
    Deadline deadline = Deadline.after(machine.threads(), options.timeout());
    end();
    if (executed.ticket() != null) {
      pipeline().ship();
    }
    return told(gate, executed, deadline);
  }

  /** What its caller is told, once it is decided. */
  private static ExecuteResult told(Gate gate, Executed executed, Deadline deadline) {
    SqliteException error = executed.error();
    awaitDecision(gate, executed.view(), executed.ticket(), error, deadline);
    if (error != null) {
      throw error;
    }
    return Objects.requireNonNull(executed.result());
  }

  /** Runs one statement on the view; the slot stays taken. */
  Executed executeAlone(SessionOptions options, String sql, @Nullable Object[] parameters) {
    return onView(
        () -> {
          view().grant(grant.hold(), options);
          return runAlone(sql, parameters);
        });
  }

  private Executed runAlone(String sql, @Nullable Object[] parameters) {
    ExecuteResult result;
    try {
      result = view().run(sql, parameters);
    } catch (SqliteException e) {
      requireNothingCaptured();
      return new Executed(view(), null, e, pipeline().add(null));
    }
    return new Executed(view(), result, null, pipeline().add(view().takeCaptured()));
  }

  /**
   * Runs one statement within the transaction.
   *
   * @param deadline for the confirmation of what was read, if SQLite ends the transaction
   */
  ExecuteResult run(Deadline deadline, String sql, @Nullable Object... parameters) {
    requireNotOver();
    used = true;
    Executed executed;
    try {
      executed = onView(() -> runWithin(sql, parameters));
    } catch (NotAppliedException e) {
      toldLost = true;
      throw e;
    }
    SqliteException error = executed.error();
    if (error == null) {
      return Objects.requireNonNull(executed.result());
    }
    if (over) {
      finish(executed.ticket(), error, deadline);
    }
    throw error;
  }

  private Executed runWithin(String sql, @Nullable Object[] parameters) {
    try {
      ExecuteResult result = view().run(sql, parameters);
      requireNothingCaptured();
      return new Executed(view(), result, null, null);
    } catch (SqliteException e) {
      requireNothingCaptured();
      if (view().inTransaction()) {
        return new Executed(view(), null, e, null);
      }
      over = true;
      return new Executed(view(), null, e, pipeline().add(null));
    }
  }

  /**
   * Commits, and waits until the transaction is on a quorum and published here.
   *
   * @throws SqliteException if SQLite refuses (e.g. a deferred foreign key): {@link #isOver} tells
   *     whether the transaction is still open
   */
  void commit(Deadline deadline) {
    requireNotOver();
    Executed executed = onView(this::commitOnView);
    if (over) {
      finish(executed.ticket(), executed.error(), deadline);
    }
    if (executed.error() != null) {
      throw executed.error();
    }
  }

  private Executed commitOnView() {
    try {
      view().commit();
    } catch (SqliteException e) {
      requireNothingCaptured();
      over = !view().inTransaction();
      return new Executed(view(), null, e, over ? pipeline().add(null) : null);
    }
    over = true;
    return new Executed(view(), null, null, pipeline().add(view().takeCaptured()));
  }

  /**
   * Rolls back, and waits until what the transaction has read is certain; does nothing if it is
   * over.
   *
   * @throws BalsaException if what it has read may not hold: it is rolled back all the same
   */
  void rollback(Deadline deadline) {
    if (over) {
      return;
    }
    Ticket ticket;
    try {
      ticket = onView(this::rollbackOnView);
    } catch (NotAppliedException e) {
      // The view was discarded, and the transaction with it: rolled back already.
      end();
      if (used && !toldLost) {
        throw e;
      }
      return;
    }
    if (used) {
      finish(ticket, null, deadline);
    } else {
      end();
    }
  }

  private @Nullable Ticket rollbackOnView() {
    view().rollback();
    requireNothingCaptured();
    return used ? pipeline().add(null) : null;
  }

  /** Rolls back for somebody who asks no more what he has read. */
  void abandon() {
    if (over) {
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
      // As above.
    } finally {
      end();
    }
  }

  /** Its slot may be another one's already. */
  private void requireNotOver() {
    if (over) {
      throw new NotAppliedException("the transaction is rolled back");
    }
  }

  /** Whether the transaction has ended, in whatever way. */
  boolean isOver() {
    return over || view().closedBecause() != null;
  }

  private WriterView view() {
    return grant.view();
  }

  CommitPipeline pipeline() {
    return view().pipeline();
  }

  /**
   * The transaction has ended on the writer view: frees the slot, ships, and waits for Raft's
   * decision; without a ticket only for the proof that this node still leads.
   *
   * @param error what SQLite has told, which counts only if this succeeds
   */
  private void finish(@Nullable Ticket ticket, @Nullable SqliteException error, Deadline deadline) {
    end();
    if (ticket != null) {
      pipeline().ship();
    }
    awaitDecision(gate, view(), ticket, error, deadline);
  }

  private static void awaitDecision(
      Gate gate,
      WriterView view,
      @Nullable Ticket ticket,
      @Nullable SqliteException error,
      Deadline deadline) {
    try {
      if (ticket == null) {
        gate.confirm(view, deadline);
      } else {
        await(ticket, deadline);
      }
    } catch (BalsaException e) {
      if (error != null) {
        e.addSuppressed(error);
      }
      throw e;
    }
  }

  private static void await(Ticket ticket, Deadline deadline) {
    try {
      deadline.threads().await(ticket.outcome(), deadline.leftNanos());
    } catch (TimeoutException e) {
      throw undecided(deadline);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw told(e);
    }
  }

  static OutcomeUnknownException undecided(Deadline deadline) {
    return new OutcomeUnknownException(
        "the transaction was not decided within "
            + deadline.timeout()
            + ": it may still be committed",
        null);
  }

  static OutcomeUnknownException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new OutcomeUnknownException(
        "interrupted while the transaction was being replicated: it may still be committed", e);
  }

  /** An exception of this caller's own: one may be told to many. */
  private static BalsaException told(ExecutionException e) {
    Throwable why = e.getCause();
    String message = String.valueOf(why == null ? e.getMessage() : why.getMessage());
    if (why instanceof NotLeaderException notLeader) {
      return new NotLeaderException(notLeader.leaderId(), notLeader.leaderAddress());
    }
    return why instanceof NotAppliedException
        ? new NotAppliedException(message, why)
        : new OutcomeUnknownException(message, why);
  }

  private NotAppliedException condemn(Throwable doubt) {
    over = true;
    String because = "it is in doubt what was written: " + doubt.getMessage();
    view().condemn(because);
    machine.discard(grant.database(), view(), because);
    return new NotAppliedException("the transaction is rolled back, since " + because, doubt);
  }

  private void requireNothingCaptured() {
    view().requireNothingCaptured();
  }

  private void end() {
    over = true;
    grant.hold().release();
  }

  private <T> T releasingOnFailure(Supplier<T> work) {
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
    } catch (RuntimeException | Error e) {
      throw condemn(e);
    } finally {
      view().lock().unlock();
    }
  }
}
