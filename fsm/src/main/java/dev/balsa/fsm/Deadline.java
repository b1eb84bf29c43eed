package dev.balsa.fsm;

import java.time.Duration;

/** When a call stops waiting. */
record Deadline(long nanoTime, Duration timeout) {
  static Deadline after(Duration timeout) {
    return new Deadline(System.nanoTime() + timeout.toNanos(), timeout);
  }

  /** Nanoseconds left, at least 0. */
  long leftNanos() {
    return Math.max(0, nanoTime - System.nanoTime());
  }
}
