package dev.balsa.fsm;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The right to run a transaction on a database's writer view. Handed out in the order of asking.
 *
 * <p>A hold is freed by whoever ends its transaction: the session itself, the apply thread once
 * Raft has decided, or the discard of the writer view. It is freed once, whoever comes first.
 */
final class WriterSlot {
  private final Semaphore semaphore = new Semaphore(1, true);
  private final EngineThreads threads;

  WriterSlot(EngineThreads threads) {
    this.threads = threads;
  }

  /** The slot, taken. */
  final class Hold {
    private final AtomicBoolean held = new AtomicBoolean(true);

    private Hold() {}

    /** Frees the slot, unless that is done already. */
    void release() {
      if (held.compareAndSet(true, false)) {
        semaphore.release();
      }
    }
  }

  /**
   * Takes the slot.
   *
   * @return null if it did not become free in time
   */
  @Nullable Hold take(long timeoutNanos) throws InterruptedException {
    return threads.acquire(semaphore, timeoutNanos) ? new Hold() : null;
  }

  /** How many wait for it. */
  int waiting() {
    return semaphore.getQueueLength();
  }
}
