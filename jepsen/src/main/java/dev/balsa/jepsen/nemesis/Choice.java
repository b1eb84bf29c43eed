package dev.balsa.jepsen.nemesis;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** How many nodes are struck, and which. */
enum Choice {
  ONE,
  LEADER,
  MINORITY,
  MAJORITY,
  ALL;

  /** Any of them. */
  static Choice any(RandomGenerator random) {
    return values()[random.nextInt(values().length)];
  }

  /** Any of those that leave a majority of three nodes or more alone. */
  static Choice small(RandomGenerator random) {
    return values()[random.nextInt(MINORITY.ordinal() + 1)];
  }

  /** Whether the others can go on. */
  boolean leavesMajority() {
    return this != MAJORITY && this != ALL;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
