package dev.balsa.transport;

import dev.balsa.raft.core.Configuration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the two sides say before the first frame. The dialling side begins; nothing else is sent
 * before the answer.
 *
 * <pre>
 *   hello    magic (4) | version (2) | cluster (16) | sender (8) | expected (8)
 *            | length (2) | address (ASCII)
 *   welcome  magic (4) | version (2) | 0 (1)        | cluster (16) | node (8)
 *   refusal  magic (4) | version (2) | 1 (1)        | length (2) | reason (UTF-8)
 * </pre>
 *
 * Magic and version stay where they are in every version of the protocol, so that nodes of
 * different versions can always tell each other which. {@code expected} is the node that the sender
 * means to reach: an address that leads to another node is found by it. A cluster id of zeros means
 * that it is not known yet. The address is where the sender can be dialled, in the form of {@link
 * PeerAddress}, for a receiver that does not know it; it may be empty.
 */
final class Handshake {
  /** The version of the protocol that this node speaks: handshake, frames and messages. */
  static final int VERSION = 3;

  /** "BLSA". */
  static final int MAGIC = 0x424c5341;

  static final UUID UNKNOWN_CLUSTER = new UUID(0, 0);

  static final int REASON_BYTES_MAX = 512;

  private static final int PREFIX_BYTES = 6;
  private static final int HELLO_BYTES = PREFIX_BYTES + 34;
  private static final int WELCOME = 0;
  private static final int REFUSAL = 1;

  private Handshake() {}

  /** The dialling side's part. */
  record Hello(UUID clusterId, long sender, long expected, String address) {
    ByteBuf encode(ByteBufAllocator allocator) {
      byte[] text = address.getBytes(StandardCharsets.US_ASCII);
      ByteBuf out = allocator.directBuffer(HELLO_BYTES + text.length);
      writeId(out.writeInt(MAGIC).writeShort(VERSION), clusterId);
      return out.writeLong(sender).writeLong(expected).writeShort(text.length).writeBytes(text);
    }
  }

  /** The accepting side's answer. */
  sealed interface Answer {
    ByteBuf encode(ByteBufAllocator allocator);
  }

  /** Messages may follow. */
  record Welcome(UUID clusterId, long node) implements Answer {
    @Override
    public ByteBuf encode(ByteBufAllocator allocator) {
      ByteBuf out = allocator.directBuffer(PREFIX_BYTES + 25);
      writeId(out.writeInt(MAGIC).writeShort(VERSION).writeByte(WELCOME), clusterId);
      return out.writeLong(node);
    }
  }

  /** The connection is closed after this. */
  record Refusal(String reason) implements Answer {
    @Override
    public ByteBuf encode(ByteBufAllocator allocator) {
      byte[] text = reason.getBytes(StandardCharsets.UTF_8);
      int length = Math.min(text.length, REASON_BYTES_MAX);
      ByteBuf out = allocator.directBuffer(PREFIX_BYTES + 3 + length);
      out.writeInt(MAGIC).writeShort(VERSION).writeByte(REFUSAL).writeShort(length);
      return out.writeBytes(text, 0, length);
    }
  }

  /** Takes a hello; null if more bytes are needed. */
  static @Nullable Hello readHello(ByteBuf in) throws ProtocolViolation {
    checkPrefix(in);
    if (in.readableBytes() < HELLO_BYTES) {
      return null;
    }
    int length = in.getUnsignedShort(in.readerIndex() + HELLO_BYTES - 2);
    if (length > Configuration.ADDRESS_CHARS_MAX) {
      throw new ProtocolViolation("an address of " + length + " bytes");
    }
    if (in.readableBytes() < HELLO_BYTES + length) {
      return null;
    }
    in.skipBytes(PREFIX_BYTES);
    UUID clusterId = readId(in);
    long sender = in.readLong();
    long expected = in.readLong();
    in.skipBytes(2);
    String address = in.readCharSequence(length, StandardCharsets.US_ASCII).toString();
    return new Hello(clusterId, sender, expected, address);
  }

  /** Takes an answer; null if more bytes are needed. */
  static @Nullable Answer readAnswer(ByteBuf in) throws ProtocolViolation {
    checkPrefix(in);
    if (in.readableBytes() < PREFIX_BYTES + 3) {
      return null;
    }
    int outcome = in.getByte(in.readerIndex() + PREFIX_BYTES);
    switch (outcome) {
      case WELCOME -> {
        if (in.readableBytes() < PREFIX_BYTES + 25) {
          return null;
        }
        in.skipBytes(PREFIX_BYTES + 1);
        return new Welcome(readId(in), in.readLong());
      }
      case REFUSAL -> {
        int length = in.getUnsignedShort(in.readerIndex() + PREFIX_BYTES + 1);
        if (length > REASON_BYTES_MAX) {
          throw new ProtocolViolation("a refusal of " + length + " bytes");
        }
        if (in.readableBytes() < PREFIX_BYTES + 3 + length) {
          return null;
        }
        in.skipBytes(PREFIX_BYTES + 3);
        String reason = in.readCharSequence(length, StandardCharsets.UTF_8).toString();
        return new Refusal(printable(reason));
      }
      default -> throw new ProtocolViolation("an answer of kind " + outcome);
    }
  }

  /** Complains as early as possible: a stranger's first bytes are enough. */
  private static void checkPrefix(ByteBuf in) throws ProtocolViolation {
    int readable = in.readableBytes();
    int start = in.readerIndex();
    for (int i = 0; i < Math.min(4, readable); i++) {
      if (in.getByte(start + i) != (byte) (MAGIC >>> (24 - 8 * i))) {
        throw new ProtocolViolation(
            "not a Balsa node: its first bytes are %s"
                .formatted(ByteBufUtil.hexDump(in, start, Math.min(8, readable))));
      }
    }
    if (readable >= PREFIX_BYTES) {
      int version = in.getUnsignedShort(start + 4);
      if (version != VERSION) {
        throw new ProtocolViolation.UnknownVersion(version);
      }
    }
  }

  /** What others wrote goes to our log: on one line, and without control characters. */
  private static String printable(String text) {
    return text.replaceAll("\\p{C}", "?");
  }

  private static void writeId(ByteBuf out, UUID id) {
    out.writeLong(id.getMostSignificantBits()).writeLong(id.getLeastSignificantBits());
  }

  static UUID readId(ByteBuf in) {
    return new UUID(in.readLong(), in.readLong());
  }
}
