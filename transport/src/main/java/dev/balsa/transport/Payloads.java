package dev.balsa.transport;

import com.esotericsoftware.kryo.KryoException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * The payloads of the message at hand. They travel behind what Kryo writes, so that it never copies
 * them.
 */
final class Payloads {
  private static final byte[] EMPTY = new byte[0];

  private final List<byte[]> outgoing = new ArrayList<>();
  private long outgoingBytes;
  private ByteBuf incoming = Unpooled.EMPTY_BUFFER;

  /** Puts a payload behind those before it. */
  void add(byte[] payload) {
    outgoing.add(payload);
    outgoingBytes += payload.length;
  }

  long outgoingBytes() {
    return outgoingBytes;
  }

  /** Writes all that were added. */
  void writeTo(ByteBuf out) {
    for (byte[] payload : outgoing) {
      out.writeBytes(payload);
    }
  }

  /** Where {@link #take} reads from. */
  void from(ByteBuf bytes) {
    incoming = bytes;
  }

  /**
   * Takes the next payload: the one copy on the receiving side.
   *
   * @param lengthMax the longest that is allowed
   * @throws KryoException if it is longer, or there are not that many bytes; nothing is allocated
   *     then
   */
  byte[] take(int length, int lengthMax) {
    if (length < 0 || length > lengthMax || length > incoming.readableBytes()) {
      throw new KryoException(
          "a payload of %d bytes where %d are left"
              .formatted(Integer.toUnsignedLong(length), incoming.readableBytes()));
    }
    if (length == 0) {
      return EMPTY;
    }
    byte[] payload = new byte[length];
    incoming.readBytes(payload);
    return payload;
  }

  /** Forgets everything. */
  void clear() {
    outgoing.clear();
    outgoingBytes = 0;
    incoming = Unpooled.EMPTY_BUFFER;
  }
}
