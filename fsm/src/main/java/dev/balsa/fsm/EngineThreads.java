package dev.balsa.fsm;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Where the engine's threads come from, how everybody in it waits, and by which clock: so that a
 * simulator can decide who runs when. Nothing else in this package waits for another thread for
 * longer than a native call takes, {@link StatementTimer} apart.
 */
interface EngineThreads {
  /** The operating system's. */
  EngineThreads SYSTEM = new SystemThreads();

  /** A new thread, which does what it is given in order. */
  ExecutorService executor(String name);

  /** Nanoseconds since an arbitrary origin. Only differences have a meaning. */
  long nanoTime();

  /**
   * Waits until a condition holds.
   *
   * @param monitor guards what the condition looks at, and is notified when that has changed; the
   *     caller does not hold it
   * @param condition asked with the monitor held; what it throws is thrown here
   * @param untilNanos when to give up, by {@link #nanoTime}
   * @return whether it holds
   */
  boolean await(Object monitor, BooleanSupplier condition, long untilNanos)
      throws InterruptedException;

  /** As {@link Future#get(long, java.util.concurrent.TimeUnit)}. */
  <T> T await(Future<T> future, long timeoutNanos)
      throws InterruptedException, ExecutionException, TimeoutException;

  /** Lets others run, for about that long. */
  void pause(long nanos);
}
