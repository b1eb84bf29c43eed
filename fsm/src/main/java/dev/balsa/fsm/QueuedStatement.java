package dev.balsa.fsm;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of one statement that is run by the {@link WriterSlot}'s thread when its turn has
 * come. Its caller waits once, for all of it.
 */
final class QueuedStatement implements WriterSlot.Work {
  private final DatabaseStateMachine machine;
  private final Gate gate;
  private final Database database;
  private final SessionOptions options;
  private final Deadline deadline;
  private final String sql;
  private final @Nullable Object[] parameters;

  /** Completes when it was run on the view, or failed there. */
  private final CompletableFuture<WriteTransaction.Executed> executed = new CompletableFuture<>();

  /** Completes when it was run and, if it has a ticket, that is decided. */
  private final CompletableFuture<WriteTransaction.Executed> decided = new CompletableFuture<>();

  QueuedStatement(
      DatabaseStateMachine machine,
      Gate gate,
      Database database,
      SessionOptions options,
      Deadline deadline,
      String sql,
      @Nullable Object[] parameters) {
    this.machine = machine;
    this.gate = gate;
    this.database = database;
    this.options = options;
    this.deadline = deadline;
    this.sql = sql;
    this.parameters = parameters;
  }

  @Override
  public void run(WriterSlot.Hold hold) {
    try {
      WriteTransaction transaction =
          WriteTransaction.granted(machine, gate, gate.grant(database, hold, deadline));
      WriteTransaction.Executed done = transaction.executeAlone(options, sql, parameters);
      executed.complete(done);
      Ticket ticket = done.ticket();
      if (ticket == null) {
        decided.complete(done);
      } else {
        var unused = ticket.outcome().whenComplete((none, failure) -> decided.complete(done));
        transaction.pipeline().ship();
      }
    } catch (Throwable e) { // thrown to its caller, as if it had been run on that thread
      fail(e);
    }
  }

  @Override
  public void refuse(Throwable why) {
    fail(new NotAppliedException("the statement was not run: " + why.getMessage(), why));
  }

  private void fail(Throwable why) {
    executed.completeExceptionally(why);
    decided.completeExceptionally(why);
  }

  /** Waits until it is decided, or was run without a need for that. */
  WriteTransaction.Executed await() {
    try {
      return awaitInTime();
    } catch (TimeoutException e) {
      throw WriteTransaction.undecided(deadline);
    } catch (InterruptedException e) {
      if (database.slot().withdraw(this)) {
        throw Gate.interrupted(e);
      }
      throw WriteTransaction.interrupted(e);
    } catch (ExecutionException e) {
      throw rethrown(e);
    }
  }

  private WriteTransaction.Executed awaitInTime()
      throws InterruptedException, ExecutionException, TimeoutException {
    EngineThreads threads = machine.threads();
    try {
      return threads.await(decided, deadline.leftNanos());
    } catch (TimeoutException e) {
      if (database.slot().withdraw(this)) {
        machine.requireRunning();
        throw gate.slotTimedOut(deadline);
      }
    }
    // It may run for longer than a call may wait.
    threads.await(executed, Long.MAX_VALUE);
    return threads.await(decided, Deadline.after(threads, options.timeout()).leftNanos());
  }

  private static RuntimeException rethrown(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause != null) {
      cause.fillInStackTrace(); // as if it had been run on the caller's own thread
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }
}
