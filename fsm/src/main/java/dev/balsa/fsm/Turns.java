package dev.balsa.fsm;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets WALs begin anew when they have grown long. Where nobody writes, the apply thread does it by
 * itself. On a leader a thread takes the writer slot, like any transaction, waits until all that
 * was executed is published, and has the apply thread close the writer, restart the WAL and open a
 * new writer. What takes too long is put off, and tried again after the next checkpoint, and every
 * now and then without one: whoever kept the WAL may be gone, and nobody write any more.
 */
final class Turns implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Turns.class);

  /** How long writers may be held up: by waiting for what is in flight, and for short reads. */
  private static final long PATIENCE_MILLIS = 100;

  private static final long PROBE_NANOS = 1_000_000;
  private static final long SLOT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How long until what was put off is tried again. */
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final DatabaseStateMachine machine;
  private final Checkpointer checkpointer;
  private final CheckpointPolicy policy;
  private final ExecutorService thread;
  private final Set<Database> waiting = ConcurrentHashMap.newKeySet();

  /** Does nothing but wait until what was put off is due. */
  private final ExecutorService clock;

  private final Set<Database> putOff = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean clockRuns = new AtomicBoolean();

  Turns(DatabaseStateMachine machine, Checkpointer checkpointer) {
    String node = machine.config().name();
    this.machine = machine;
    this.checkpointer = checkpointer;
    this.policy = machine.config().checkpoints();
    this.thread = machine.threads().executor("balsa-turn-" + node);
    this.clock = machine.threads().executor("balsa-turn-clock-" + node);
  }

  /** After a checkpoint, on the apply thread: the WAL begins anew, or will soon, if it is long. */
  void consider(Database database) {
    if (!isTooLong(database)) {
      return;
    }
    if (database.checkpoints().isRunning()) {
      putOff(database); // its end brings us here at once, if it can be recorded
      return;
    }
    database.readers().endOlderThan(policy.readerAgeMax());
    if (database.writer() == null) {
      if (!checkpointer.copy(database, machine.appliedIndex())
          || !checkpointer.beginAnew(database)) {
        putOff(database);
      }
    } else if (waiting.add(database)) {
      try {
        thread.execute(() -> onLeader(database));
      } catch (RejectedExecutionException e) {
        waiting.remove(database); // the node is being closed
      }
    }
  }

  private boolean isTooLong(Database database) {
    return !database.isClosed()
        && !checkpointer.isStopped()
        && database.publisher().publishedFrames() >= policy.turnFrames();
  }

  /** From any thread. */
  private void putOff(Database database) {
    putOff.add(database);
    if (clockRuns.compareAndSet(false, true)) {
      try {
        clock.execute(this::tryAgain);
      } catch (RejectedExecutionException e) {
        putOff.clear(); // the node is being closed
      }
    }
  }

  /** On the clock's thread. */
  private void tryAgain() {
    machine.threads().pause(AGAIN_NANOS);
    clockRuns.set(false); // first: what is put off from now on lets it run again
    List<Database> due = List.copyOf(putOff);
    due.forEach(putOff::remove);
    machine.onApplyThread(() -> due.forEach(this::consider));
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
        while (awaitEmpty(database, deadline) && !attempted(database) && deadline.leftNanos() > 0) {
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
      if (isTooLong(database)) {
        putOff(database);
      }
    }
  }

  private static boolean awaitEmpty(Database database, Deadline deadline)
      throws InterruptedException {
    WriterView view = database.writer();
    return view == null || view.pipeline().awaitEmpty(deadline);
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
    boolean[] anew = new boolean[1];
    database.replaceWriter(view, () -> anew[0] = checkpointer.beginAnew(database));
    return anew[0];
  }

  @Override
  public void close() {
    thread.shutdownNow();
    clock.shutdownNow();
  }
}
