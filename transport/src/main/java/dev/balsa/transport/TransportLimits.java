package dev.balsa.transport;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Limits;

/**
 * Bounds on what the transport holds in memory.
 *
 * @param frameBytesMax largest frame sent or accepted; the same on all nodes of a cluster. A
 *     message that does not fit is a defect of its sender.
 * @param queueBytesMax what may wait for one peer, in bytes. Above it messages to this peer are
 *     dropped; Raft sends what matters again.
 * @param pendingHandshakesMax accepted connections that have not said who they are. One more closes
 *     the oldest of them.
 * @param guestsMax nodes that were not named as peers and are answered all the same, since they
 *     have connected. One more is refused.
 */
public record TransportLimits(
    int frameBytesMax, long queueBytesMax, int pendingHandshakesMax, int guestsMax) {
  private static final int FRAME_BYTES_LEAST =
      1024
          + Math.max(
              Entry.PAYLOAD_BYTES_MAX,
              Limits.CHUNK_BYTES_MAX + MessageCodec.CONFIGURATION_BYTES_MAX);

  /** Frames of 16 MiB, queues of 32 MiB, 64 handshakes, 16 guests. */
  public static final TransportLimits DEFAULT = new TransportLimits(16 << 20, 32 << 20, 64, 16);

  /** Checks the bounds. */
  public TransportLimits {
    if (frameBytesMax < FRAME_BYTES_LEAST) {
      throw new IllegalArgumentException(
          "frames of %d bytes cannot carry the largest entry or part of a snapshot; at least %d are needed"
              .formatted(frameBytesMax, FRAME_BYTES_LEAST));
    }
    if (queueBytesMax < 1 || pendingHandshakesMax < 1 || guestsMax < 0) {
      throw new IllegalArgumentException(
          "queue of %d bytes, %d handshakes, %d guests"
              .formatted(queueBytesMax, pendingHandshakesMax, guestsMax));
    }
  }
}
