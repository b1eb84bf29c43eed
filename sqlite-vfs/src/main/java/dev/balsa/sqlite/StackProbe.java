package dev.balsa.sqlite;

/**
 * Makes sure of stack for a native call that calls up into Java.
 *
 * <p>Where the stack ends just as an upcall is to be entered, none of its Java runs, and JNA
 * answers SQLite with 0: for an authorizer that means "allowed". So the stack is tried out
 * beforehand, by using it: then the {@link StackOverflowError} comes here, while nothing has been
 * asked yet.
 */
final class StackProbe {
  /**
   * Compiled, a level takes some 17 bytes: 34 KB, on top of the 80 KB that HotSpot itself sees to
   * at every call. Interpreted, it takes six times that.
   */
  private static final int LEVELS = 2_000;

  /** SQLite's own depth grows with an expression's, which the text bounds, up to 1,000. */
  private static final int LEVELS_PER_BYTE = 1;

  private static final int LEVELS_MAX = 4_000;

  private StackProbe() {}

  /**
   * Takes 2 microseconds for a short statement.
   *
   * @param sqlBytes length of the SQL that will be compiled
   * @throws StackOverflowError if there is not enough stack to compile it and ask the authorizer
   */
  static void require(int sqlBytes) {
    int levels = (int) Math.min(LEVELS_MAX, LEVELS + (long) LEVELS_PER_BYTE * sqlBytes);
    if (descend(levels) != levels) {
      throw new IllegalStateException("a sum that cannot be wrong keeps the recursion alive");
    }
  }

  private static int descend(int levels) {
    return levels == 0 ? 0 : 1 + descend(levels - 1);
  }
}
