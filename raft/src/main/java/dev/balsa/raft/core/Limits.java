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
 * @param retainedBytesMax entries kept in the log below a snapshot, so that a member which lags a
 *     little needs no snapshot
 * @param chunkBytesMax one chunk of a snapshot, at most {@link #CHUNK_BYTES_MAX}
 * @param chunksInFlightMax chunks that are read, sent or stored for one peer and not yet answered
 */
public record Limits(
    int messageBytesMax,
    int inFlightMessagesMax,
    long inFlightBytesMax,
    long uncommittedBytesMax,
    long unappliedBytesMax,
    long cachedBytesMax,
    long retainedBytesMax,
    int chunkBytesMax,
    int chunksInFlightMax) {
  /** Bound on a chunk of a snapshot, which the message enforces. */
  public static final int CHUNK_BYTES_MAX = 1 << 20;

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
        || cachedBytesMax < 0
        || retainedBytesMax < 0
        || chunkBytesMax < 1
        || chunkBytesMax > CHUNK_BYTES_MAX
        || chunksInFlightMax < 1) {
      throw new IllegalArgumentException("limits are positive");
    }
  }

  /**
   * The given bounds, and for what is below a snapshot and for its chunks those of {@link
   * #DEFAULT}.
   */
  public Limits(
      int messageBytesMax,
      int inFlightMessagesMax,
      long inFlightBytesMax,
      long uncommittedBytesMax,
      long unappliedBytesMax,
      long cachedBytesMax) {
    this(
        messageBytesMax,
        inFlightMessagesMax,
        inFlightBytesMax,
        uncommittedBytesMax,
        unappliedBytesMax,
        cachedBytesMax,
        64 << 20,
        256 << 10,
        8);
  }

  /** The same with another bound on what is kept in the log below a snapshot. */
  public Limits withRetainedBytes(long bytes) {
    return new Limits(
        messageBytesMax,
        inFlightMessagesMax,
        inFlightBytesMax,
        uncommittedBytesMax,
        unappliedBytesMax,
        cachedBytesMax,
        bytes,
        chunkBytesMax,
        chunksInFlightMax);
  }

  static long bytesOf(Entry entry) {
    return (long) entry.payload().length + ENTRY_OVERHEAD_BYTES;
  }
}
