package dev.balsa.jepsen.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Waits, for a bounded time, until something has ended. An interrupt does not end the wait, since
 * whoever closes things must not leave them behind; it is kept for later.
 */
public final class Ending {
  private Ending() {}

  private interface Wait {
    boolean ended(long nanos) throws InterruptedException;
  }

  /** Whether a thread has ended in time. */
  public static boolean of(Thread thread, Duration guard) {
    return await(
        guard,
        nanos -> {
          TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
          return !thread.isAlive();
        });
  }

  /** Whether a process has ended in time. */
  public static boolean of(Process process, Duration guard) {
    return await(guard, nanos -> process.waitFor(nanos, TimeUnit.NANOSECONDS));
  }

  private static boolean await(Duration guard, Wait wait) {
    long deadline = System.nanoTime() + guard.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.ended(Math.max(1, deadline - System.nanoTime()));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
