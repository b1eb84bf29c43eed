package dev.balsa.transport;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, and fails loudly if it never comes. */
final class Await {
  private static final long GUARD_NANOS = 30_000_000_000L;

  private Await() {}

  static void until(BooleanSupplier condition, Supplier<String> otherwise) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > GUARD_NANOS) {
        throw new AssertionError("not within 30 s: " + otherwise.get());
      }
      LockSupport.parkNanos(200_000);
    }
  }
}
