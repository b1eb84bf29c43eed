package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.WriterConnection;

/**
 * Bounds on what a database's commit pipeline holds.
 *
 * @param entriesInFlightMax entries that are proposed and undecided; what is committed meanwhile
 *     waits, and goes into the next one together
 * @param bytesMax bytes of memory that pages queued and in flight take, above which a transaction
 *     that would write waits before it begins; one transaction may pass it
 * @param capturedBytesMax bytes of pages that one transaction may keep in memory; those of a larger
 *     one are read from the WAL when they are needed
 */
record PipelineLimits(int entriesInFlightMax, long bytesMax, long capturedBytesMax) {
  /**
   * Two entries: one is made while the other is replicated. With 1 to 8 tried on a loopback
   * network, more of them only carry fewer transactions each.
   */
  static final PipelineLimits DEFAULT = new PipelineLimits(2, 64L << 20);

  /** The usual bound on one transaction. */
  PipelineLimits(int entriesInFlightMax, long bytesMax) {
    this(entriesInFlightMax, bytesMax, WriterConnection.CAPTURED_BYTES_MAX);
  }

  PipelineLimits {
    if (entriesInFlightMax < 1 || bytesMax < 1) {
      throw new IllegalArgumentException("a pipeline holds at least one entry and one byte");
    }
  }
}
