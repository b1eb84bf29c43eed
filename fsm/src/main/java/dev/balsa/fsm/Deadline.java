package dev.balsa.fsm;

import java.time.Duration;

/** When a call stops waiting. */
record Deadline(EngineThreads threads, long nanoTime, Duration timeout) {
  static Deadline after(EngineThreads threads, Duration timeout) {
    return new Deadline(threads, threads.nanoTime() + timeout.toNanos(), timeout);
  }

  /** Nanoseconds left, at least 0. */
  long leftNanos() {
    return Math.max(0, nanoTime - threads.nanoTime());
  }
}
