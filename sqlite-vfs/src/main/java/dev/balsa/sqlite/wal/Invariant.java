package dev.balsa.sqlite.wal;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/**
 * Checks that stay on in production. A violation means that the program, or somebody who writes our
 * files behind our back, is wrong: what is held in memory is not to be trusted any more.
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
