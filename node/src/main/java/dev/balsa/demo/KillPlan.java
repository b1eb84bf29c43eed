package dev.balsa.demo;

import java.util.SplittableRandom;

/**
 * When nodes die: each a random 3 to 12 s after it became ready. The moment depends on the seed,
 * the node and its boot only.
 *
 * <p>So that a short run shows leaders dying too, a leader's death is moved forward, within its
 * window, when fewer leaders have died than the run's share so far: {@link #LEADERS} at the least,
 * evenly over the run.
 */
final class KillPlan {
  /** A run must have seen that many leaders die. */
  static final int LEADERS = 3;

  private static final long AT_LEAST_NANOS = 3_000_000_000L;
  private static final long AT_MOST_NANOS = 12_000_000_000L;

  private final long seed;
  private final long runNanos;

  /**
   * Creates the plan.
   *
   * @param seed of all moments
   * @param runNanos how long nodes are killed for
   */
  KillPlan(long seed, long runNanos) {
    this.seed = seed;
    this.runNanos = runNanos;
  }

  /** Nanoseconds from a node's being ready to its death. */
  long lifeNanos(long node, long boot) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + node * 65_537 + boot);
    random.nextLong();
    return random.nextLong(AT_LEAST_NANOS, AT_MOST_NANOS);
  }

  /**
   * Whether a leader shall die now, before its own moment.
   *
   * @param elapsedNanos since the run began
   * @param leadersDead so far
   * @param readyNanos since that leader became ready
   */
  boolean leaderIsDue(long elapsedNanos, int leadersDead, long readyNanos) {
    long due = (LEADERS + 1) * elapsedNanos / Math.max(1, runNanos);
    return leadersDead < Math.min(LEADERS, due) && readyNanos >= AT_LEAST_NANOS;
  }
}
