package dev.balsa.raft;

/**
 * Turns elapsed time into ticks.
 *
 * <p>When the process was stopped for a while (SIGSTOP, a long garbage collection, a suspended
 * machine), a whole election timeout may seem to have passed at once, while the leader's heartbeats
 * lie unread in the socket's buffer. A node that ran all those ticks would stand for election
 * against a leader that works. So one wakeup yields at most one heartbeat interval's worth of
 * ticks, and what is beyond is forgotten: between two wakeups the loop reads what has arrived, and
 * an election timeout takes three of them at least. A timeout thus becomes longer than configured
 * in times when this node itself does not run; Raft's safety depends on no timeout.
 *
 * <p>A lease does depend on time, so that the loss must be told: {@link #takeLost}.
 */
final class Ticker {
  private final Clock clock;
  private final long tickNanos;
  private final int ticksMax;
  private long counted;
  private boolean lost;

  Ticker(Clock clock, long tickNanos, int ticksMax) {
    this.clock = clock;
    this.tickNanos = tickNanos;
    this.ticksMax = ticksMax;
    this.counted = clock.nanoTime();
  }

  /** How many ticks have passed since the last call. */
  int ticksDue() {
    long now = clock.nanoTime();
    long elapsed = now - counted;
    if (elapsed < 0) {
      counted = now; // a test's clock jumped back: who knows how much time has passed
      lost = true;
      return 0;
    }
    long ticks = elapsed / tickNanos;
    if (ticks > ticksMax) {
      counted = now;
      lost = true;
      return ticksMax;
    }
    counted += ticks * tickNanos;
    return (int) ticks;
  }

  /** Whether time has passed, since this was last asked, that is in no ticks. */
  boolean takeLost() {
    boolean result = lost;
    lost = false;
    return result;
  }
}
