package dev.balsa.fsm;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The operating system's threads and clock. */
class SystemThreads implements EngineThreads {
  @Override
  public ExecutorService executor(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public boolean await(Object monitor, BooleanSupplier condition, long untilNanos)
      throws InterruptedException {
    synchronized (monitor) {
      while (!condition.getAsBoolean()) {
        long left = untilNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(monitor, left);
      }
      return true;
    }
  }

  @Override
  public <T> T await(Future<T> future, long timeoutNanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(timeoutNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void pause(long nanos) {
    LockSupport.parkNanos(nanos);
  }
}
