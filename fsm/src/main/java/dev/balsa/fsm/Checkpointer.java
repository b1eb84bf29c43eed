package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import dev.balsa.sqlite.CheckpointResult;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes checkpoints, which are the snapshots: what is published goes into the main file, and the
 * log up to there can go.
 *
 * <pre>
 *   apply thread                                      checkpoint thread
 *   log durable up to M (Raft has seen to that)
 *   "begun M" kept durably
 *   publication pauses: SQLite's passive checkpoint
 *   all that is published is in the file?  ---------> fsync of the main file
 *                                                     index R = M kept durably
 *   the log up to the least R may go  <--------------
 * </pre>
 *
 * <p>SQLite copies up to the newest frame that it finds, and a newer frame of a page hides the
 * older one: so nothing may be published between the choice of M and the end of the call, which is
 * given since the apply thread does both. A checkpoint that readers cut short leaves a file between
 * R and M: with the log from R + 1 to M it is whole ({@link Redo}). So does one whose force has not
 * ended yet, whether the WAL still holds what was copied or not: recovery never looks there.
 */
final class Checkpointer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Checkpointer.class);

  private final DatabaseStateMachine machine;
  private final Catalogue catalogue;
  private final CheckpointPolicy policy;
  private final Turns turns;
  private final LongConsumer snapshotTaken;
  private final ExecutorService worker;
  private volatile boolean stopped;

  /**
   * Whether a main file could not be made durable. A later force that succeeds does not tell that
   * what this one was for is on disk: no index is recorded any more.
   */
  private volatile boolean poisoned;

  /**
   * Starts the thread.
   *
   * @param snapshotTaken told, on the apply thread, up to where the log is not needed any more
   */
  Checkpointer(DatabaseStateMachine machine, Catalogue catalogue, LongConsumer snapshotTaken) {
    this.machine = machine;
    this.catalogue = catalogue;
    this.policy = machine.config().checkpoints();
    this.snapshotTaken = snapshotTaken;
    this.worker = machine.threads().executor("balsa-checkpoint-" + machine.config().name());
    this.turns = new Turns(machine, this);
  }

  /** The node is about to end: no more checkpoints are begun, but for {@link #last}. */
  void stop() {
    stopped = true;
  }

  /** Whether none is begun any more. */
  boolean isStopped() {
    return stopped;
  }

  // ---- on the apply thread

  /**
   * Something was published, and the log is applied up to there: makes a checkpoint if it is due.
   */
  void consider(Database database, long applied) {
    CheckpointProgress progress = database.checkpoints();
    int frames = database.publisher().publishedFrames();
    boolean due =
        frames - progress.attemptedFrames() >= policy.frames()
            || (frames > progress.coveredFrames() && keepsMuchOfTheLog(progress, applied));
    if (!due || stopped) {
      return;
    }
    if (frames >= policy.walFramesMax() && database.writer() == null) {
      // Nobody writes here who could be made to wait: what is applied does.
      progress.awaitEnd();
      progress.attempted(frames, applied, machine.appliedLogBytes());
      turns.consider(database);
    } else if (!progress.isRunning()) {
      begin(database, applied);
    }
  }

  private boolean keepsMuchOfTheLog(CheckpointProgress progress, long applied) {
    return applied - progress.attemptedIndex() >= policy.entries()
        || machine.appliedLogBytes() - progress.attemptedLogBytes() >= policy.logBytes();
  }

  /** Another node needs a main file of a later index: makes a checkpoint, due or not. */
  void urge(Database database) {
    if (stopped || database.checkpoints().isRunning()) {
      return;
    }
    if (database.isIdle()) {
      releaseLog();
    } else {
      begin(database, machine.appliedIndex());
    }
  }

  private void begin(Database database, long applied) {
    CheckpointProgress progress = database.checkpoints();
    int frames = database.publisher().publishedFrames();
    progress.attempted(frames, applied, machine.appliedLogBytes());
    if (!copy(database, applied)) {
      turns.consider(database); // readers may have to be told to end
      return;
    }
    makeDurable(database, applied);
  }

  /** All that is published is in the main file; that it is durable is another thread's work. */
  private void makeDurable(Database database, long applied) {
    CheckpointProgress progress = database.checkpoints();
    DatabaseRecord reached = database.record(applied);
    int frames = database.publisher().publishedFrames();
    int life = progress.life();
    progress.runs();
    worker.execute(() -> finish(database, reached, applied, frames, life));
  }

  /**
   * Puts all that is published into the main file.
   *
   * @return whether all of it is there
   */
  boolean copy(Database database, long applied) {
    Activities.Running running = running(Activities.Kind.CHECKPOINT);
    try {
      catalogue.update(
          state ->
              state.change(
                  database.name(), database.incarnation(), record -> record.begunTo(applied)));
      database.readers().letGo(); // it copies no more than the oldest of them sees
      CheckpointResult result = machine.decisions().checkpoint(database.publisher());
      database.readers().letGo(); // of the WAL: all that follow need none of it
      return machine.decisions().counts(result, database.publisher());
    } catch (Catalogue.NoRoomException e) {
      log.warn("{}: the checkpoint is put off: {}", database.name(), e.getMessage());
      return false;
    } catch (SqliteException e) {
      if (e.resultCode() != ResultCode.FULL) {
        throw e;
      }
      log.warn("{}: the checkpoint is put off: {}", database.name(), e.getMessage());
      return false;
    } finally {
      running.close();
    }
  }

  private Activities.Running running(Activities.Kind kind) {
    return machine.config().activities().begin(kind);
  }

  private void durably(Runnable force) {
    try {
      force.run();
    } catch (RuntimeException | Error e) {
      poisoned = true; // before anybody can try again
      throw e;
    }
  }

  /** The main file is durable and holds everything up to a record's index: kept, durably. */
  void keep(DatabaseRecord reached, long applied) {
    Invariant.check(!poisoned, "%s: a main file could not be made durable before", reached.name());
    catalogue.update(
        state ->
            state
                .through(applied)
                .change(
                    reached.name(),
                    reached.incarnation(),
                    known ->
                        known.index() > reached.index() ? known : reached.begunTo(known.begun())));
  }

  // ---- on the checkpoint thread

  private void finish(
      Database database, DatabaseRecord reached, long applied, int frames, int life) {
    boolean kept = false;
    Activities.Running running = running(Activities.Kind.CHECKPOINT);
    try {
      durably(() -> machine.decisions().beforeRecord(database.publisher()));
      keep(reached, applied);
      kept = true;
    } catch (Catalogue.NoRoomException e) {
      log.warn("{}: the checkpoint does not count: {}", database.name(), e.getMessage());
    } catch (Throwable t) { // a failed force above all: what is on disk is unknown
      machine.failAsync(t);
    } finally {
      running.close();
      database.checkpoints().ends();
    }
    if (kept) {
      machine.onApplyThread(() -> finished(database, frames, life));
    }
  }

  // ---- on the apply thread again

  private void finished(Database database, int frames, int life) {
    if (database.isClosed()) {
      return;
    }
    database.checkpoints().covered(frames, life);
    releaseLog();
    turns.consider(database);
  }

  /**
   * Idle databases hold the log back no longer; and nobody needs what is before the least index.
   */
  void releaseLog() {
    long applied = machine.appliedIndex();
    try {
      catalogue.update(state -> withIdle(state, applied));
    } catch (Catalogue.NoRoomException e) {
      log.warn("the log is kept for now: {}", e.getMessage());
    }
    snapshotTaken.accept(catalogue.state().neededAfter());
    for (Replica replica : machine.replicas()) {
      if (replica instanceof Database lagging) {
        consider(lagging, applied);
      }
    }
  }

  /** Their records in full: an earlier one may not have been kept, for want of room. */
  private CatalogueState withIdle(CatalogueState state, long applied) {
    CatalogueState next = state.through(applied);
    for (Replica replica : machine.replicas()) {
      if (replica instanceof Database idle && idle.isIdle()) {
        DatabaseRecord reached = idle.record(applied);
        next =
            next.change(
                idle.name(),
                idle.incarnation(),
                known -> reached.index() > known.index() ? reached.begunTo(known.begun()) : known);
      }
    }
    return next;
  }

  /**
   * The WAL of a database begins anew, under the rules of a checkpoint. Its writer is retired, if
   * there is one; all that is published has been {@linkplain #copy copied}.
   *
   * <p>That the main file is durable is seen to afterwards, since writers wait for this: what is
   * lost before that is in the log after the recorded index, which stays, and is redone from there.
   *
   * @return false if a reader is in the way
   */
  boolean beginAnew(Database database) {
    Invariant.check(
        !database.checkpoints().isRunning(), "%s: a checkpoint is under way", database.name());
    Activities.Running running = running(Activities.Kind.TURN);
    try {
      if (!database.publisher().restartWal(policy.walFramesKept())) {
        return false;
      }
    } finally {
      running.close();
    }
    database.checkpoints().begunAnew();
    makeDurable(database, machine.appliedIndex());
    database.walBeganAnew();
    return true;
  }

  /** A last checkpoint, of a database without writer that is about to be closed. */
  boolean last(Database database) {
    database.checkpoints().awaitEnd();
    long applied = machine.appliedIndex();
    if (!copy(database, applied)) {
      return false;
    }
    durably(database.publisher()::syncMainFile);
    keep(database.record(applied), applied);
    return true;
  }

  /** Waits until all that was begun has ended; the apply thread has seen {@link #stop}. */
  @Override
  public void close() {
    turns.close();
    worker.shutdown();
    boolean interrupted = false;
    while (!worker.isTerminated()) {
      try {
        Invariant.check(
            worker.awaitTermination(10, TimeUnit.MINUTES), "a checkpoint does not come to its end");
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
