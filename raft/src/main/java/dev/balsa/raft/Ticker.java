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
 */
final class Ticker {
  private final Clock clock;
  private final long tickNanos;
  private final int ticksMax;
  private long counted;

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
      counted = now; // a test's clock jumped back
      return 0;
    }
    long ticks = elapsed / tickNanos;
    if (ticks > ticksMax) {
      counted = now;
      return ticksMax;
    }
    counted += ticks * tickNanos;
    return (int) ticks;
  }
}
