package dev.balsa.fsm;

/**
 * How far a database's checkpoints are. Owned by the apply thread, but for whether one is being
 * made durable, which the checkpoint thread ends.
 */
final class CheckpointProgress {
  private int attemptedFrames;
  private long attemptedIndex;
  private int coveredFrames;

  /** How often the WAL has begun anew. */
  private int walLife;

  private boolean running;

  /**
   * Nothing of the WAL is in the main file.
   *
   * @param index up to which the log is applied
   */
  CheckpointProgress(long index) {
    this.attemptedIndex = index;
  }

  /** Published frames when the last checkpoint was tried. */
  int attemptedFrames() {
    return attemptedFrames;
  }

  /** Index up to which the log was applied then. */
  long attemptedIndex() {
    return attemptedIndex;
  }

  void attempted(int frames, long index) {
    attemptedFrames = frames;
    attemptedIndex = index;
  }

  /** Frames that are in the main file, durably. */
  int coveredFrames() {
    return coveredFrames;
  }

  /**
   * A checkpoint has been made durable.
   *
   * @param life the WAL's then: of a life before the present one nothing is left to be covered
   */
  void covered(int frames, int life) {
    if (life == walLife) {
      coveredFrames = Math.max(coveredFrames, frames);
    }
  }

  /** How often the WAL has begun anew. */
  int walLife() {
    return walLife;
  }

  /** The WAL begins anew: it has no frames. */
  void begunAnew() {
    walLife++;
    attemptedFrames = 0;
    coveredFrames = 0;
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
  synchronized void awaitEnd() {
    boolean interrupted = false;
    while (running) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
