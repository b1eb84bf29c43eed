package dev.balsa.raft.core;

import java.util.random.RandomGenerator;

/**
 * Counts the ticks since it was made or reset. Its timeout is drawn anew for each timer, from the
 * minimum up to twice as long, so that seldom two nodes stand at once (thesis 3.4).
 */
final class ElectionTimer {
  private final int timeoutTicks;
  private int elapsedTicks;

  ElectionTimer(int minimumTicks, RandomGenerator random) {
    timeoutTicks = minimumTicks + random.nextInt(minimumTicks);
  }

  ElectionTimer(ElectionTimer from) {
    timeoutTicks = from.timeoutTicks;
    elapsedTicks = from.elapsedTicks;
  }

  void describe(StateSink sink) {
    sink.clock("timeoutTicks", timeoutTicks);
    sink.clock("elapsedTicks", elapsedTicks);
  }

  void reset() {
    elapsedTicks = 0;
  }

  int elapsedTicks() {
    return elapsedTicks;
  }

  /** Counts a tick; true if the time is up. */
  boolean tick() {
    elapsedTicks++;
    return elapsedTicks >= timeoutTicks;
  }
}
