package dev.balsa.fsm;

import java.util.concurrent.TimeUnit;

/**
 * How far a database's checkpoints are. Owned by the apply thread, but for whether one is being
 * made durable, which the checkpoint thread ends.
 */
final class CheckpointProgress {
  private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);

  /** What is in the main file is not durable, though the WAL has no frames. */
  private static final int NOTHING = -1;

  private final EngineThreads threads;
  private int attemptedFrames;
  private long attemptedIndex;
  private long attemptedLogBytes;
  private int coveredFrames;
  private int life;
  private boolean running;

  /**
   * Nothing of the WAL is in the main file.
   *
   * @param index up to which the log is applied
   * @param logBytes what of it was applied in this process
   */
  CheckpointProgress(EngineThreads threads, long index, long logBytes) {
    this.threads = threads;
    this.attemptedIndex = index;
    this.attemptedLogBytes = logBytes;
  }

  /** Published frames when the last checkpoint was tried. */
  int attemptedFrames() {
    return attemptedFrames;
  }

  /** Index up to which the log was applied then. */
  long attemptedIndex() {
    return attemptedIndex;
  }

  /** Bytes of the log that had been applied then. */
  long attemptedLogBytes() {
    return attemptedLogBytes;
  }

  void attempted(int frames, long index, long logBytes) {
    attemptedFrames = frames;
    attemptedIndex = index;
    attemptedLogBytes = logBytes;
  }

  /**
   * Frames that are in the main file, durably; less than none if what was in an earlier life of the
   * WAL is not durable there yet.
   */
  int coveredFrames() {
    return coveredFrames;
  }

  /**
   * So many frames are in the main file, durably.
   *
   * @param ofLife the WAL's life that they are of: it may have begun anew since
   */
  void covered(int frames, int ofLife) {
    if (ofLife == life) {
      coveredFrames = Math.max(coveredFrames, frames);
    }
  }

  /** Counts how often the WAL has begun anew. */
  int life() {
    return life;
  }

  /** The WAL begins anew: it has no frames, and what it had is not durable in the main file yet. */
  void begunAnew() {
    life++;
    attemptedFrames = 0;
    coveredFrames = NOTHING;
  }

  synchronized void runs() {
    running = true;
  }

  synchronized void ends() {
    running = false;
    notifyAll();
  }

  /** Whether one is being made durable. */
  synchronized boolean isRunning() {
    return running;
  }

  /** Waits until none is being made durable. */
  void awaitEnd() {
    boolean interrupted = false;
    while (isRunning()) {
      try {
        boolean unused = threads.await(this, () -> !running, threads.nanoTime() + LONG_NANOS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
