package dev.balsa.fsm;

/**
 * Bounds on what a database's commit pipeline holds.
 *
 * @param entriesInFlightMax entries that are proposed and undecided; what is committed meanwhile
 *     waits, and goes into the next one together
 * @param bytesMax bytes of memory that pages queued and in flight take, above which a transaction
 *     that would write waits before it begins; one transaction may pass it
 */
record PipelineLimits(int entriesInFlightMax, long bytesMax) {
  /**
   * Two entries: one is made while the other is replicated. With 1 to 8 tried on a loopback
   * network, more of them only carry fewer transactions each.
   */
  static final PipelineLimits DEFAULT = new PipelineLimits(2, 64L << 20);

  PipelineLimits {
    if (entriesInFlightMax < 1 || bytesMax < 1) {
      throw new IllegalArgumentException("a pipeline holds at least one entry and one byte");
    }
  }
}
