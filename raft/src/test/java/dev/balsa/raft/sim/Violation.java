package dev.balsa.raft.sim;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/** One of the named invariants does not hold. */
public final class Violation extends Error {
  private static final long serialVersionUID = 1L;

  private final String invariant;

  /** States what was found. */
  @FormatMethod
  public Violation(String invariant, @FormatString String format, Object... args) {
    super(invariant + ": " + String.format(format, args));
    this.invariant = invariant;
  }

  /** Name of the invariant: the simple name of the class that checks it. */
  public String invariant() {
    return invariant;
  }
}
