package dev.balsa.jepsen.run;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives out turns at a steady rate, to all clients together. What was not taken in time is not made
 * up for. Thread-safe.
 */
final class Pace {
  private final long intervalNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private long next = System.nanoTime();
  private boolean over;

  /**
   * Creates it.
   *
   * @param perSecond turns in a second; 0 for as many as are asked for
   */
  Pace(int perSecond) {
    this.intervalNanos = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / perSecond;
  }

  /**
   * Waits for a turn.
   *
   * @return false if there are no more turns
   */
  boolean await() throws InterruptedException {
    lock.lock();
    try {
      long now = System.nanoTime();
      long turn = next - now > 0 ? next : now;
      next = turn + intervalNanos;
      for (long left = turn - now; left > 0 && !over; ) {
        left = ended.awaitNanos(left);
      }
      return !over;
    } finally {
      lock.unlock();
    }
  }

  /** No more turns from now on. */
  void end() {
    lock.lock();
    try {
      over = true;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
