package dev.balsa.raft;

/** Waiting for threads that are never interrupted. */
final class Threads {
  private Threads() {}

  /** Waits until a thread has ended, interrupts notwithstanding; they are kept. */
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
