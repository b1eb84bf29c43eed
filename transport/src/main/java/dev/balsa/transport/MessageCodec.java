package dev.balsa.transport;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Messages as bytes: {@code head length (4) | head | payloads}. The head is Kryo's: the message
 * with the description of its entries. The entries' payloads follow as they are, one after the
 * other.
 *
 * <p>Not thread-safe: one for each loop.
 */
final class MessageCodec {
  /** Bound on the entries of one message: each costs the receiver some 60 bytes, however short. */
  static final int ENTRIES_MAX = Message.AppendRequest.ENTRIES_MAX;

  /** Bound on a configuration: eleven bytes and an address for each member. */
  static final int CONFIGURATION_BYTES_MAX =
      9 + Configuration.MEMBERS_MAX * (8 + 1 + 2 + Configuration.ADDRESS_CHARS_MAX);

  /** A frame's header, kind and head length, and the longest head but for entries, at most. */
  private static final int FIXED_BYTES_MAX = Frame.HEADER_BYTES + 1 + 4 + 3 + 6 * 9 + 3 * 5 + 1;

  /** Term, type and payload length of an entry, at most. */
  private static final int ENTRY_HEAD_BYTES_MAX = 9 + 1 + 5;

  private static final int HEAD_BYTES_KEPT = 64 << 10;

  private final Kryo kryo = new Kryo(new RegisteredMessages(), null);
  private final Payloads payloads = new Payloads();
  private final Input input = new Input();
  private Output output = new Output(HEAD_BYTES_KEPT, -1);
  private final byte[] headKept = new byte[HEAD_BYTES_KEPT];

  MessageCodec() {
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
    MessageSerializer.registerAll(kryo, payloads);
  }

  /** An upper bound of a message's frame, in bytes. */
  static long frameBytes(Message message) {
    long bytes = FIXED_BYTES_MAX;
    if (message instanceof Message.AppendRequest append) {
      for (Entry entry : append.entries()) {
        bytes += ENTRY_HEAD_BYTES_MAX + entry.payload().length;
      }
    } else if (message instanceof Message.SnapshotChunk chunk) {
      bytes += ConfigurationCodec.bytesOf(chunk.mark().configuration()) + chunk.content().length;
    } else if (message instanceof Message.MachineMessage machineMessage) {
      bytes += machineMessage.payload().length;
    } else if (message instanceof Message.ConfigurationNotice notice) {
      bytes += ConfigurationCodec.bytesOf(notice.configuration());
    }
    return bytes;
  }

  /** Whether a message has no more entries than allowed. */
  static boolean entries(Message message) {
    return !(message instanceof Message.AppendRequest append)
        || append.entries().size() <= ENTRIES_MAX;
  }

  /**
   * A message as a whole frame, in one buffer outside the heap: payloads are copied there once,
   * which the JDK would do anyway before it writes them to a socket.
   */
  ByteBuf encode(Message message, ByteBufAllocator allocator) {
    try {
      kryo.writeClassAndObject(output, message);
      int headBytes = output.position();
      long frameBytes = Frame.HEADER_BYTES + 1L + 4 + headBytes + payloads.outgoingBytes();
      Invariant.check(
          frameBytes <= frameBytes(message), "a frame of %s bytes, more than foreseen", frameBytes);
      ByteBuf frame = allocator.directBuffer((int) frameBytes);
      frame.writeLong(0).writeByte(Frame.MESSAGE);
      frame.writeInt(headBytes).writeBytes(output.getBuffer(), 0, headBytes);
      payloads.writeTo(frame);
      Frame.seal(frame);
      return frame;
    } finally {
      payloads.clear();
      output.reset();
      if (output.getBuffer().length > HEAD_BYTES_KEPT) {
        output = new Output(HEAD_BYTES_KEPT, -1);
      }
    }
  }

  /**
   * Reads a message.
   *
   * @param body what followed a frame's kind; read to its end
   * @throws ProtocolViolation if it is anything else than exactly one message. What was allocated
   *     until then is no more than a small multiple of the bytes that there are.
   */
  Message decode(ByteBuf body) throws ProtocolViolation {
    if (body.readableBytes() < 4) {
      throw new ProtocolViolation("a message of " + body.readableBytes() + " bytes");
    }
    int headBytes = body.readInt();
    if (headBytes < 1 || headBytes > body.readableBytes()) {
      throw new ProtocolViolation(
          "a message head of %d bytes where %d are left"
              .formatted(Integer.toUnsignedLong(headBytes), body.readableBytes()));
    }
    byte[] head = headBytes <= HEAD_BYTES_KEPT ? headKept : new byte[headBytes];
    body.readBytes(head, 0, headBytes);
    input.setBuffer(head, 0, headBytes);
    payloads.from(body);
    try {
      Message message = (Message) kryo.readClassAndObject(input);
      if (input.position() != headBytes || body.isReadable()) {
        throw new ProtocolViolation("bytes left over after a message");
      }
      return message;
    } catch (KryoException | IllegalArgumentException refused) {
      // IllegalArgumentException: the records check what they are made of.
      throw new ProtocolViolation("not a message: " + refused.getMessage());
    } finally {
      payloads.clear();
      input.setBuffer(headKept, 0, 0);
    }
  }
}
