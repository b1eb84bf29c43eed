package dev.balsa.jepsen.run;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets the end of this process (Ctrl-C, SIGTERM) break off what its main thread does, and waits
 * until that has cleaned up.
 */
public final class BreakOff {
  private static final Duration CLEAN_UP_MAX = Duration.ofMinutes(2);

  private BreakOff() {}

  /** What is done. */
  public interface Work<T> {
    /** Does it; when it is interrupted, it cleans up and throws. */
    T run() throws IOException, InterruptedException;
  }

  /** Does it on the calling thread. */
  public static <T> T guarded(Work<T> work) throws IOException, InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Thread working = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              System.err.println("broken off: healing and ending all ...");
              working.interrupt();
              try {
                if (!done.await(CLEAN_UP_MAX.toSeconds(), TimeUnit.SECONDS)) {
                  System.err.println("it does not end");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "jepsen-breaks-off");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.run();
    } finally {
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending already.
      }
    }
  }
}
