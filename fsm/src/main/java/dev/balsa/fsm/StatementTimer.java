package dev.balsa.fsm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interrupts statements that run for too long. One thread a node, which sleeps until the earliest
 * time at which a statement that runs now will have run for too long; starting and ending a watch
 * costs a write to memory each, and a reading of the clock.
 *
 * <p>SQLite forgets an interrupt that comes just before a statement's first step, so a late
 * statement is interrupted again and again until its watch is stopped. From then on it never is:
 * the next statement of the connection may be another session's.
 */
final class StatementTimer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatementTimer.class);
  private static final long AGAIN_NANOS = 5_000_000;
  private static final long NEVER = Long.MAX_VALUE;

  /** As a watch's deadline: its statement is being interrupted. */
  private static final long NOW = NEVER - 1;

  private final long origin = System.nanoTime();
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  /** When the thread will look again. Until then it need not be woken for what ends later. */
  private volatile long nextLook = NEVER;

  private volatile boolean closed;

  /**
   * Starts the thread.
   *
   * @param name of the node in the thread's name
   */
  StatementTimer(String name) {
    thread = new Thread(this::run, "balsa-statement-timer-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Watches over one connection, on which one statement runs at a time. */
  final class Watch implements AutoCloseable {
    private final Runnable interrupt;

    /** When to interrupt. Set to {@link #NOW} under this object's monitor, until that is done. */
    private final AtomicLong deadline = new AtomicLong(NEVER);

    private boolean interrupted;

    private Watch(Runnable interrupt) {
      this.interrupt = interrupt;
    }

    /** A statement begins. */
    void start(Duration timeout) {
      long at = after(timeout);
      if (interrupted) {
        interrupted = false; // nobody else touches it before there is a deadline
      }
      deadline.set(at);
      if (at < nextLook) {
        LockSupport.unpark(thread);
      }
    }

    /**
     * The statement has ended. Once this has returned nothing is interrupted any more.
     *
     * @return whether it was interrupted
     */
    boolean stop() {
      long at = deadline.get();
      if (at != NOW && deadline.compareAndSet(at, NEVER)) {
        return interrupted;
      }
      synchronized (this) { // as soon as the interrupt is over
        deadline.set(NEVER);
        return interrupted;
      }
    }

    /** Interrupts if it is time to; tells when to look again. */
    private long look(long now) {
      long at = deadline.get();
      if (at > now) {
        return at;
      }
      synchronized (this) {
        if (!deadline.compareAndSet(at, NOW)) {
          return deadline.get(); // it has ended meanwhile
        }
        interrupted = true;
        try {
          interrupt.run();
        } finally {
          deadline.set(now + AGAIN_NANOS);
        }
        return now + AGAIN_NANOS;
      }
    }

    @Override
    public void close() {
      watches.remove(this);
    }
  }

  /**
   * Watches over a connection from now on, until the watch is closed.
   *
   * @param interrupt interrupts what runs on it; must not wait
   */
  Watch watch(Runnable interrupt) {
    Watch watch = new Watch(interrupt);
    watches.add(watch);
    return watch;
  }

  private void run() {
    while (!closed) {
      nextLook = NEVER; // from here on whoever starts a watch wakes this thread
      long next = NEVER;
      for (Watch watch : watches) {
        next = Math.min(next, look(watch));
      }
      nextLook = next;
      if (next == NEVER) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, next - now());
      }
    }
  }

  private long look(Watch watch) {
    try {
      return watch.look(now());
    } catch (RuntimeException | Error e) {
      // The others' watches must go on.
      log.error("a statement that runs for too long cannot be interrupted", e);
      return now() + AGAIN_NANOS;
    }
  }

  private long now() {
    return System.nanoTime() - origin;
  }

  private long after(Duration timeout) {
    long now = now();
    return timeout.compareTo(Duration.ofNanos(NOW - now)) >= 0 ? NEVER : now + timeout.toNanos();
  }

  /** Ends the thread: nothing is interrupted any more. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
