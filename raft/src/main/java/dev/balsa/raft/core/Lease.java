package dev.balsa.raft.core;

import java.util.ArrayDeque;

/**
 * A leader's right to answer reads without asking (thesis 6.4.1). Whoever answers a round of
 * heartbeats votes for nobody else for an election timeout; so no other can lead within that time
 * of the round's beginning, if clocks run at rates that differ by no more than a stated bound
 * ({@link CoreConfig#leaseTicks(int, double)}).
 */
final class Lease {
  private record Begun(long round, long tick) {}

  private final int leaseTicks;
  private final Decisions decisions;
  private final ArrayDeque<Begun> unproved = new ArrayDeque<>();
  private long tick;
  private long begunRound;
  private long provedRound;
  private long provedTick;
  private long voidRound;
  private boolean forfeited;

  Lease(int leaseTicks, Decisions decisions) {
    this.decisions = decisions;
    this.leaseTicks = leaseTicks;
  }

  Lease(Lease from) {
    decisions = from.decisions;
    leaseTicks = from.leaseTicks;
    unproved.addAll(from.unproved);
    tick = from.tick;
    begunRound = from.begunRound;
    provedRound = from.provedRound;
    provedTick = from.provedTick;
    voidRound = from.voidRound;
    forfeited = from.forfeited;
  }

  /** Of times, only how long ago they were, and whether that is too long. */
  void describe(StateSink sink, long term) {
    if (leaseTicks == 0) {
      return; // never held
    }
    sink.flag("forfeited", forfeited);
    sink.round("begunRound", term, begunRound);
    sink.round("voidRound", term, voidRound);
    sink.round("provedRound", term, provedRound);
    sink.clock("provedTick", Math.min(tick - provedTick, leaseTicks));
    sink.number("unproved", unproved.size());
    for (Begun begun : unproved) {
      sink.round("round", term, begun.round);
      sink.clock("tick", Math.min(tick - begun.tick, leaseTicks));
    }
  }

  void tick() {
    tick++;
  }

  void roundBegins(long round) {
    begunRound = round;
    if (leaseTicks > 0) {
      unproved.add(new Begun(round, tick));
    }
  }

  /** A quorum has answered that round. */
  void roundProved(long round) {
    while (!unproved.isEmpty() && unproved.getFirst().round <= round) {
      Begun begun = unproved.removeFirst();
      provedRound = begun.round;
      provedTick = decisions.leaseBegins(begun.tick, tick);
    }
  }

  /**
   * No round that has begun so far counts any more: time has passed that was not counted, or other
   * nodes are the quorum.
   */
  void begunRoundsAreVoid() {
    voidRound = begunRound;
  }

  /** For good: from now on another may be elected at any time, at this leader's own request. */
  void forfeit() {
    forfeited = true;
  }

  boolean isHeld() {
    return !forfeited && provedRound > voidRound && tick - provedTick < leaseTicks;
  }
}
