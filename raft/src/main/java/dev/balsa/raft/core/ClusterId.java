package dev.balsa.raft.core;

import java.nio.ByteBuffer;
import java.util.UUID;

/** The cluster's id as the payload of the entry at index 1: 16 bytes, big-endian. */
public final class ClusterId {
  /** Length of the payload. */
  public static final int BYTES = 16;

  private ClusterId() {}

  /** The payload for an id. */
  public static byte[] encode(UUID id) {
    return ByteBuffer.allocate(BYTES)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }

  /**
   * The id in the first entry of a log.
   *
   * @throws IllegalArgumentException if that entry carries none
   */
  public static UUID of(Entry first) {
    if (first.index() != 1 || first.type() != EntryType.NO_OP || first.payload().length != BYTES) {
      throw new IllegalArgumentException(first + " carries no cluster id");
    }
    ByteBuffer payload = ByteBuffer.wrap(first.payload());
    return new UUID(payload.getLong(), payload.getLong());
  }
}
