package dev.balsa.fsm;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the databases' state, and what has made it stop: nothing is applied after a
 * failure. Any thread gives it work.
 */
final class ApplyThread {
  private static final Logger log = LoggerFactory.getLogger(ApplyThread.class);

  private final ExecutorService thread;
  private final Consumer<Throwable> failed;
  private volatile @Nullable Throwable failure;

  /**
   * Starts it.
   *
   * @param failed told, on that thread, what went wrong in a task
   */
  ApplyThread(ExecutorService thread, Consumer<Throwable> failed) {
    this.thread = thread;
    this.failed = failed;
  }

  /** Runs something in order with what is applied; not at all once the node has failed. */
  void execute(Runnable task) {
    try {
      thread.execute(
          () -> {
            if (failure != null) {
              return;
            }
            try {
              task.run();
            } catch (Throwable t) { // whatever it is, nothing may be applied after it
              failed.accept(t);
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("after close: {}", e.getMessage());
    }
  }

  /** Runs something in order with what is applied, even if the node has failed. */
  void executeAnyway(Runnable task) {
    thread.execute(task);
  }

  /**
   * Runs something in order with what is applied, even if the node has failed.
   *
   * @throws BalsaException if the node is closed
   */
  <T> Future<T> submit(Callable<T> task) {
    try {
      return thread.submit(task);
    } catch (RejectedExecutionException e) {
      throw new BalsaException("the node is closed", e);
    }
  }

  /** What has made it stop; null if nothing has. */
  @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Nothing is applied any more.
   *
   * @return false if that was so already
   */
  boolean fail(Throwable cause) {
    if (failure != null) {
      return false;
    }
    failure = cause;
    return true;
  }

  /** Throws if the node can do nothing more. */
  void requireRunning() {
    Throwable cause = failure;
    if (cause != null) {
      throw new BalsaException("the node has stopped: " + cause.getMessage(), cause);
    }
    if (thread.isShutdown()) {
      throw new BalsaException("the node is closed");
    }
  }

  /** Whether it takes no more work. */
  boolean isShutdown() {
    return thread.isShutdown();
  }

  /**
   * Waits until all is done that it was given.
   *
   * @return whether the caller was interrupted meanwhile
   */
  boolean shutdown() {
    thread.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        if (thread.awaitTermination(1, TimeUnit.MINUTES)) {
          return interrupted;
        }
        log.warn("still waiting for the databases to close");
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
