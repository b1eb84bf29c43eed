package dev.balsa.raft;

/**
 * Whether the disk is so quick at present that a force takes no longer than to have another thread
 * do it: two wakeups, some 20 to 50 us where processors are shared. Known from the forces before.
 *
 * <p>One slow force is enough to say no for a while: a loop that waits for its disk answers no
 * heartbeats. Used by one thread at a time.
 */
final class ForcePace {
  /** As long as the mean of the latest forces is below this, the disk is quick. */
  static final long QUICK_NANOS = 1_000_000;

  /** A force that takes this long is slow: a part of a heartbeat's interval. */
  static final long SLOW_NANOS = 20_000_000;

  /** So long after a slow force the disk is not trusted. */
  static final long DISTRUST_NANOS = 1_000_000_000;

  private static final int WEIGHT_SHIFT = 4;

  private final Clock clock;
  private long meanNanos = 4 * QUICK_NANOS;
  private boolean distrusted;
  private long distrustedSince;

  ForcePace(Clock clock) {
    this.clock = clock;
  }

  /** A force has ended. */
  void forced(long begunNanos) {
    long now = clock.nanoTime();
    long nanos = now - begunNanos;
    meanNanos += (Math.min(nanos, SLOW_NANOS) - meanNanos) >> WEIGHT_SHIFT;
    if (nanos >= SLOW_NANOS) {
      distrusted = true;
      distrustedSince = now;
    }
  }

  /** Whether the next force will probably be quick. */
  boolean isQuick() {
    if (distrusted && clock.nanoTime() - distrustedSince >= DISTRUST_NANOS) {
      distrusted = false;
    }
    return !distrusted && meanNanos < QUICK_NANOS;
  }
}
