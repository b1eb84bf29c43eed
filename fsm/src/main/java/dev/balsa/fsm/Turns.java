package dev.balsa.fsm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets WALs begin anew when they have grown long. Where nobody writes, the apply thread does it by
 * itself. On a leader a thread takes the writer slot, like any transaction, waits until all that
 * was executed is published, and has the apply thread close the writer, restart the WAL and open a
 * new writer. What takes too long is put off, and tried again after the next checkpoint.
 */
final class Turns implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Turns.class);

  /** How long writers may be held up: by waiting for what is in flight, and for short reads. */
  private static final long PATIENCE_MILLIS = 100;

  private static final long PROBE_NANOS = 1_000_000;
  private static final long SLOT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final DatabaseStateMachine machine;
  private final Checkpointer checkpointer;
  private final CheckpointPolicy policy;
  private final ExecutorService thread;
  private final Set<Database> waiting = ConcurrentHashMap.newKeySet();

  Turns(DatabaseStateMachine machine, Checkpointer checkpointer, ExecutorService thread) {
    this.machine = machine;
    this.checkpointer = checkpointer;
    this.policy = machine.config().checkpoints();
    this.thread = thread;
  }

  /** After a checkpoint, on the apply thread: the WAL begins anew, or will soon, if it is long. */
  void consider(Database database) {
    if (database.publisher().publishedFrames() < policy.turnFrames() || database.isClosed()) {
      return;
    }
    if (database.checkpoints().isRunning()) {
      return; // its end brings us here again
    }
    database.readers().endOlderThan(policy.readerAgeMax());
    if (database.writer() == null) {
      if (checkpointer.restartWal(database)) {
        database.walBeganAnew();
        checkpointer.releaseLog();
      }
    } else if (waiting.add(database)) {
      try {
        thread.execute(() -> onLeader(database));
      } catch (RejectedExecutionException e) {
        waiting.remove(database); // the node is being closed
      }
    }
  }

  // ---- on the thread of turns

  private void onLeader(Database database) {
    try {
      WriterSlot.Hold hold = database.slot().take(SLOT_PATIENCE_NANOS);
      if (hold == null) {
        log.debug("{}: the WAL does not begin anew yet: a transaction is open", database.name());
        return;
      }
      try {
        Deadline deadline = Deadline.after(machine.threads(), Duration.ofMillis(PATIENCE_MILLIS));
        while (!attempted(database) && deadline.leftNanos() > 0) {
          WriterView view = database.writer();
          if (view != null && !view.pipeline().awaitEmpty(deadline)) {
            break;
          }
          machine.threads().pause(PROBE_NANOS); // nobody tells when SQLite's readers end
        }
      } finally {
        hold.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      machine.failAsync(e.getCause() == null ? e : e.getCause());
    } catch (BalsaException | TimeoutException e) {
      log.debug("{}: the WAL does not begin anew: {}", database.name(), e.getMessage());
    } catch (RuntimeException | Error e) {
      machine.failAsync(e);
    } finally {
      waiting.remove(database);
    }
  }

  private boolean attempted(Database database)
      throws InterruptedException, ExecutionException, TimeoutException {
    return machine.threads().await(machine.submit(() -> attempt(database)), Long.MAX_VALUE);
  }

  /**
   * On the apply thread, while the slot is held.
   *
   * @return whether there is nothing left to be done
   */
  private boolean attempt(Database database) {
    WriterView view = database.writer();
    if (database.isClosed() || view == null) {
      return true;
    }
    if (!view.pipeline().isEmpty() || database.checkpoints().isRunning()) {
      return false;
    }
    if (!checkpointer.copy(database, machine.appliedIndex())
        || database.publisher().readersUseWal()) {
      return false;
    }
    database.closeWriterInOrder();
    if (checkpointer.restartWal(database)) {
      database.walBeganAnew();
    }
    database.openWriter(view.term());
    checkpointer.releaseLog();
    return true;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
