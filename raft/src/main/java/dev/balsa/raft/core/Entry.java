package dev.balsa.raft.core;

import java.util.Arrays;
import java.util.Objects;

/**
 * One entry of the replicated log.
 *
 * @param index position in the log, from 1
 * @param term term of the leader that created it, from 1
 * @param type what it is for
 * @param payload its content, at most {@link #PAYLOAD_BYTES_MAX} bytes; shared, never to be
 *     modified
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: a page is not copied on its way
public record Entry(long index, long term, EntryType type, byte[] payload) {
  /** Bound on a payload. Larger transactions travel in parts. */
  public static final int PAYLOAD_BYTES_MAX = 1 << 20;

  /** Checks the bounds. */
  public Entry {
    if (index < 1 || term < 1) {
      throw new IllegalArgumentException("entry at index " + index + ", term " + term);
    }
    if (payload.length > PAYLOAD_BYTES_MAX) {
      throw new IllegalArgumentException(
          "entry payload of " + payload.length + " bytes, at most " + PAYLOAD_BYTES_MAX);
    }
    Objects.requireNonNull(type);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry that
        && index == that.index
        && term == that.term
        && type == that.type
        && Arrays.equals(payload, that.payload);
  }

  @Override
  public int hashCode() {
    return Objects.hash(index, term, type, Arrays.hashCode(payload));
  }

  @Override
  public String toString() {
    return type + "@" + index + "/" + term + "[" + payload.length + "]";
  }
}
