package dev.balsa.demo;

/**
 * Ids of the demo's rows. The application chooses them, so that it knows them whatever becomes of a
 * transaction; none is ever used twice. In decimal they read as node, boot (five digits) and
 * counter (nine digits).
 */
final class RowId {
  private static final long COUNTERS = 1_000_000_000L;
  private static final long BOOTS = 100_000L;

  private RowId() {}

  /**
   * An id.
   *
   * @param node from 1 to 65535
   * @param boot how often that node has been started, from 1
   * @param counter from 0, counted by that process
   */
  static long of(long node, long boot, long counter) {
    if (node < 1 || node > 65535 || boot < 1 || boot >= BOOTS) {
      throw new IllegalArgumentException("node " + node + ", boot " + boot);
    }
    if (counter < 0 || counter >= COUNTERS) {
      throw new IllegalArgumentException("row counter " + counter);
    }
    return (node * BOOTS + boot) * COUNTERS + counter;
  }

  static long node(long id) {
    return id / COUNTERS / BOOTS;
  }

  static long boot(long id) {
    return id / COUNTERS % BOOTS;
  }
}
