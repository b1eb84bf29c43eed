package dev.balsa.jepsen.nemesis;

import java.util.Locale;

/** How many nodes are struck, and which. */
enum Choice {
  ONE,
  LEADER,
  MINORITY,
  MAJORITY,
  ALL;

  /** Whether the others can go on. */
  boolean leavesMajority() {
    return this != MAJORITY && this != ALL;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
