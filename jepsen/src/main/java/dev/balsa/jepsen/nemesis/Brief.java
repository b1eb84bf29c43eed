package dev.balsa.jepsen.nemesis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** How long a fault stays that leaves no majority. */
final class Brief {
  private static final int MILLIS_MIN = 200;

  /** Longer than elections take. */
  private static final int MILLIS_MAX = 4_000;

  private Brief() {}

  /** Lets a random time pass. */
  static void pass(RandomGenerator random) throws InterruptedException {
    long until =
        System.nanoTime()
            + TimeUnit.MILLISECONDS.toNanos(random.nextInt(MILLIS_MIN, MILLIS_MAX + 1));
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
