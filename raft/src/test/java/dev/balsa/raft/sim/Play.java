package dev.balsa.raft.sim;

import org.jspecify.annotations.Nullable;

/**
 * A little plot that leads to a rare coincidence. It puts in its actions where they belong, and
 * lets the ordinary course of things fill the time between.
 */
interface Play {
  /** What to do now; null to let things take their course. */
  @Nullable Action next(Life life);

  /** Whether things should happen fast now, with little time passing. */
  default boolean isHurried() {
    return false;
  }

  /** Whether nobody should ask for anything meanwhile. */
  default boolean isQuiet() {
    return false;
  }

  /** Whether it has come to its end, or to nothing. */
  boolean isOver();
}
