package dev.balsa.fsm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a query promises. */
public sealed interface ReadMode {
  /**
   * It sees every transaction that was acknowledged, to anybody, before it was asked. Only the
   * leader answers, after a round of heartbeats (thesis 6.4).
   */
  ReadMode LINEARIZABLE = new Linearizable();

  /**
   * As {@link #LINEARIZABLE}, but while the leader's lease holds it answers without asking anybody
   * (thesis 6.4.1): right as long as the nodes' clocks run at rates that differ by no more than the
   * bound that the nodes are configured with. Where leases are switched off, which is the default,
   * there is no difference.
   */
  ReadMode LEASE = new Lease();

  /** It sees some committed state of the past, as far as this node has got. Any node answers. */
  ReadMode STALE = new Stale(null);

  /**
   * It sees every transaction that was acknowledged, to anybody, longer ago than that before it was
   * asked. Any node answers that can show that its state is so recent, by what the leader has
   * confirmed; it asks the leader if it must, and waits for the answer as long as it may be of use.
   *
   * <p>The age is counted by the node's own clock, from before the leader was asked: no difference
   * between clocks, no message that was long on its way and no pause of a process makes it too
   * small. ({@link System#nanoTime()} must go on while the process is stopped; on Linux it stands
   * still while the whole machine is suspended, and then so does the age.)
   *
   * @throws IllegalArgumentException if the bound is not positive
   */
  static ReadMode staleAtMost(Duration bound) {
    return new Stale(bound);
  }

  /** {@link #LINEARIZABLE}. */
  record Linearizable() implements ReadMode {}

  /** {@link #LEASE}. */
  record Lease() implements ReadMode {}

  /**
   * {@link #STALE}, or {@link #staleAtMost}.
   *
   * @param bound null for none
   */
  record Stale(@Nullable Duration bound) implements ReadMode {
    /** Checks the bound. */
    public Stale {
      if (bound != null && (bound.isNegative() || bound.isZero())) {
        throw new IllegalArgumentException("a bound on staleness must be positive: " + bound);
      }
    }
  }
}
