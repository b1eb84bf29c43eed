package dev.balsa.fsm;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The right to run a transaction on a database's writer view. Handed out in the order of asking.
 *
 * <p>Who wants to run a transaction of several statements is woken when it is his turn. A
 * transaction of one statement that finds the slot taken is left here, and a thread of the slot's
 * own runs one after the other of those that stand in a row: so its caller is woken once, when it
 * is decided, and what the writer's connection uses stays with one processor.
 *
 * <p>A hold is freed by whoever ends its transaction: the session itself, the slot's thread, the
 * apply thread once Raft has decided, or the discard of the writer view. It is freed once, whoever
 * comes first.
 */
final class WriterSlot {
  private final EngineThreads threads;
  private final String name;

  /** Guarded by this object, as all below. */
  private final ArrayDeque<Waiter> queue = new ArrayDeque<>();

  private @Nullable Hold held;
  private @Nullable ExecutorService runner;
  private boolean closed;

  /**
   * A free slot.
   *
   * @param name of its thread
   */
  WriterSlot(EngineThreads threads, String name) {
    this.threads = threads;
    this.name = name;
  }

  /** A transaction that the slot's thread runs. */
  interface Work {
    /** Runs it; throws nothing. The slot is freed by the caller. */
    void run(Hold hold);

    /** It will not be run: nothing of it is done. */
    void refuse(Throwable why);
  }

  private static final class Waiter {
    private final @Nullable Work work;
    private final CompletableFuture<Hold> granted = new CompletableFuture<>();

    Waiter(@Nullable Work work) {
      this.work = work;
    }
  }

  /** The slot, taken. */
  final class Hold {
    private Hold() {}

    /** Frees the slot, unless that is done already. */
    void release() {
      Hold freed = this;
      while (freed != null) {
        freed = freed.handOver();
      }
    }

    /** The next one's hold, if it is to be freed at once; else null. */
    private @Nullable Hold handOver() {
      Waiter next;
      Hold hold;
      synchronized (WriterSlot.this) {
        if (held != this) {
          return null;
        }
        next = queue.poll();
        hold = next == null ? null : new Hold();
        held = hold;
      }
      if (next == null || hold == null) {
        return null;
      }
      Work work = next.work;
      if (work == null) {
        next.granted.complete(hold);
        return null;
      }
      return start(hold, work) ? null : hold;
    }
  }

  private boolean start(Hold hold, Work work) {
    try {
      runner().execute(() -> runAll(hold, work));
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) { // closed, or no more threads
      work.refuse(e); // and whoever comes next has the slot: it must not stay taken
      return false;
    }
  }

  private synchronized ExecutorService runner() {
    if (closed) {
      throw new RejectedExecutionException("the database is not served here any more");
    }
    ExecutorService running = runner;
    if (running == null) {
      running = threads.executor(name);
      runner = running;
    }
    return running;
  }

  /** Runs what stands in a row. */
  private void runAll(Hold hold, Work first) {
    try {
      for (Work next = first; next != null; next = after(hold)) {
        next.run(hold);
      }
    } finally {
      hold.release();
    }
  }

  private synchronized @Nullable Work after(Hold hold) {
    Waiter next = queue.peek();
    if (held != hold || next == null || next.work == null) {
      return null;
    }
    queue.remove();
    return next.work;
  }

  /**
   * Takes the slot.
   *
   * @return null if it did not become free in time
   */
  @Nullable Hold take(long timeoutNanos) throws InterruptedException {
    Waiter waiter = new Waiter(null);
    synchronized (this) {
      if (held == null) {
        return hold();
      }
      queue.add(waiter);
    }
    try {
      return threads.await(waiter.granted, timeoutNanos);
    } catch (TimeoutException e) {
      return remove(waiter) ? null : waiter.granted.join(); // it comes this moment
    } catch (InterruptedException e) {
      if (!remove(waiter)) {
        waiter.granted.join().release();
      }
      throw e;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Takes the slot if it is free; else the work is run when its turn has come.
   *
   * @return null if it was not free
   */
  synchronized @Nullable Hold takeOrLeave(Work work) {
    if (held == null) {
      return hold();
    }
    queue.add(new Waiter(work));
    return null;
  }

  private Hold hold() {
    Hold hold = new Hold();
    held = hold;
    return hold;
  }

  private synchronized boolean remove(Waiter waiter) {
    return queue.remove(waiter);
  }

  /** Takes work back; false if its turn has come. */
  synchronized boolean withdraw(Work work) {
    return queue.removeIf(waiter -> waiter.work == work);
  }

  /** How many wait for it. */
  synchronized int waiting() {
    return queue.size();
  }

  /** Nothing is run any more: the work that waits is refused as soon as the slot is free. */
  synchronized void close() {
    closed = true;
    if (runner != null) {
      runner.shutdown();
    }
  }
}
