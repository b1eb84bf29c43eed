package dev.balsa.jepsen.cluster;

import java.util.SplittableRandom;

/**
 * What happens by chance to the chunks of bytes that a proxy relays. What comes while a chunk is
 * held waits behind it, so that order is kept. Thread-safe.
 */
final class Disturbance {
  /** About Linux's least retransmission timeout, and a few doublings of it. */
  private static final int STALL_MILLIS_MIN = 200;

  private static final int STALL_MILLIS_MAX = 1_600;

  /** Of this many stalls one is a connection that breaks. */
  private static final int STALLS_PER_RESET = 20;

  /** Instead of a time to hold a chunk: its connection breaks. */
  static final int RESET = -1;

  private final int percent;
  private final int millisMin;
  private final int millisMax;
  private final boolean resets;
  private final SplittableRandom random;

  private Disturbance(int percent, int millisMin, int millisMax, boolean resets, long seed) {
    this.percent = percent;
    this.millisMin = millisMin;
    this.millisMax = millisMax;
    this.resets = resets;
    this.random = new SplittableRandom(seed);
  }

  static Disturbance stalls(int percent, long seed) {
    return new Disturbance(percent, STALL_MILLIS_MIN, STALL_MILLIS_MAX, true, seed);
  }

  static Disturbance delay(int millis, int jitterMillis, long seed) {
    return new Disturbance(100, millis, millis + jitterMillis, false, seed);
  }

  /** For how many milliseconds the next chunk is held, or {@link #RESET}. */
  synchronized int next() {
    if (random.nextInt(100) >= percent) {
      return 0;
    }
    return resets && random.nextInt(STALLS_PER_RESET) == 0
        ? RESET
        : random.nextInt(millisMin, millisMax + 1);
  }
}
