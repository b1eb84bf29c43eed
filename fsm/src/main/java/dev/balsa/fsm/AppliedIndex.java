package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import java.util.concurrent.TimeUnit;

/** How far the log is applied, to wait for. */
final class AppliedIndex {
  private volatile long index;
  private volatile boolean ended;

  AppliedIndex(long index) {
    this.index = index;
  }

  long get() {
    return index;
  }

  synchronized void advance(long to) {
    Invariant.check(to >= index, "applied index goes back from %d to %d", index, to);
    index = to;
    notifyAll();
  }

  /** Nothing more will be applied: whoever waits is woken. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /**
   * Waits until {@code wanted} is applied.
   *
   * @return false if it was not in time, or never will be here
   */
  boolean await(long wanted, long timeoutNanos) throws InterruptedException {
    if (index >= wanted) {
      return true;
    }
    long deadline = System.nanoTime() + timeoutNanos;
    synchronized (this) {
      while (index < wanted && !ended) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return index >= wanted;
    }
  }
}
