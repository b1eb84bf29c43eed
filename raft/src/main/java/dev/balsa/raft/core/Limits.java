package dev.balsa.raft.core;

/**
 * Bounds on what a node holds and sends at a time. In all of them an entry counts as its payload
 * and {@link #ENTRY_OVERHEAD_BYTES} more, and one entry is let through in any case, so that no
 * bound can stop a cluster for good.
 *
 * @param messageBytesMax entries of one append request
 * @param inFlightMessagesMax append requests sent to one peer and not answered
 * @param inFlightBytesMax their entries
 * @param uncommittedBytesMax what a leader has appended in its term and not yet committed; above it
 *     proposals are refused
 * @param unappliedBytesMax what was given to the state machine and not yet applied; above it
 *     further committed entries wait in the log
 * @param cachedBytesMax entries kept in memory; those not yet durable are always kept
 */
public record Limits(
    int messageBytesMax,
    int inFlightMessagesMax,
    long inFlightBytesMax,
    long uncommittedBytesMax,
    long unappliedBytesMax,
    long cachedBytesMax) {
  /** What an entry is counted beside its payload. */
  public static final int ENTRY_OVERHEAD_BYTES = 64;

  /** For production. */
  public static final Limits DEFAULT =
      new Limits(1 << 20, 128, 8 << 20, 32 << 20, 16 << 20, 32 << 20);

  /** Checks the bounds. */
  public Limits {
    if (messageBytesMax < 1
        || inFlightMessagesMax < 1
        || inFlightBytesMax < 1
        || uncommittedBytesMax < 1
        || unappliedBytesMax < 1
        || cachedBytesMax < 0) {
      throw new IllegalArgumentException("limits are positive");
    }
  }

  static long bytesOf(Entry entry) {
    return (long) entry.payload().length + ENTRY_OVERHEAD_BYTES;
  }
}
