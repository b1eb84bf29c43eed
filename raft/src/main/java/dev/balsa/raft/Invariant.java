package dev.balsa.raft;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/**
 * Checks that stay on in production. A violation means that the program, not its environment, is
 * wrong: the node stops before it can do harm.
 */
public final class Invariant {
  private Invariant() {}

  /**
   * Checks what must always hold.
   *
   * @param condition what must hold
   * @param format a {@link String#format} pattern that states what was found
   * @param args its arguments, formatted only on failure
   * @throws InvariantViolation if {@code condition} is false
   */
  @FormatMethod
  public static void check(boolean condition, @FormatString String format, Object... args) {
    if (!condition) {
      throw new InvariantViolation(String.format(format, args));
    }
  }
}
