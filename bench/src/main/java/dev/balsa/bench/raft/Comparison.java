package dev.balsa.bench.raft;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The three at one window, in entries a second.
 *
 * @param window entries in flight
 */
record Comparison(int window, double ours, double floor, double jraft) {
  /** The line for scripts. */
  String toLine() {
    return String.format(
        Locale.ROOT,
        "RAFT window=%d ours=%.0f floor=%.0f jraft=%.0f ours_over_floor=%.3f ours_over_jraft=%.3f"
            + " jraft_over_floor=%.3f",
        window,
        ours,
        floor,
        jraft,
        ours / floor,
        ours / jraft,
        jraftOverFloor());
  }

  private double jraftOverFloor() {
    return jraft / floor;
  }

  /** The least that a sound yardstick reaches of what the machine gives. */
  double jraftOverFloorLeast() {
    if (window >= 256) {
      return 0.08;
    }
    return window >= 64 ? 0.15 : 0.2;
  }

  /** Why this does not count; null if it does. */
  @Nullable String warning() {
    // Not "below": a ratio that is no number does not count either.
    if (jraftOverFloor() >= jraftOverFloorLeast()) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "WARNING: this run does not count at window %d: jraft_over_floor is %.3f, below %.2f."
            + " SOFAJRaft was disturbed or crippled, or the machine is not one for which that"
            + " bound holds.",
        window,
        jraftOverFloor(),
        jraftOverFloorLeast());
  }
}
