package dev.balsa.transport;

import dev.balsa.raft.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/** A plain socket that says what it likes. It writes the protocol's bytes by itself. */
final class RawPeer implements AutoCloseable {
  static final UUID NO_CLUSTER = new UUID(0, 0);
  private static final MessageCodec CODEC = new MessageCodec();
  private static final int GUARD_MILLIS = 30_000;

  private final Socket socket;
  private final DataInputStream in;

  RawPeer(Socket socket) {
    this.socket = socket;
    try {
      socket.setSoTimeout(GUARD_MILLIS);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RawPeer connected(InetSocketAddress address) {
    try {
      return new RawPeer(new Socket(address.getAddress(), address.getPort()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connected and welcomed as that node. */
  static RawPeer welcomed(TestNode node, long as) {
    RawPeer peer = connected(node.address());
    peer.send(hello(3, NO_CLUSTER, as, node.id));
    peer.expectWelcome();
    return peer;
  }

  static byte[] hello(int version, UUID cluster, long sender, long expected) {
    return hello(version, cluster, sender, expected, "");
  }

  static byte[] hello(int version, UUID cluster, long sender, long expected, String address) {
    return ByteBuffer.allocate(40 + address.length())
        .put("BLSA".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) version)
        .putLong(cluster.getMostSignificantBits())
        .putLong(cluster.getLeastSignificantBits())
        .putLong(sender)
        .putLong(expected)
        .putShort((short) address.length())
        .put(address.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  static byte[] welcome(int version, UUID cluster, long node) {
    return ByteBuffer.allocate(31)
        .put("BLSA".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) version)
        .put((byte) 0)
        .putLong(cluster.getMostSignificantBits())
        .putLong(cluster.getLeastSignificantBits())
        .putLong(node)
        .array();
  }

  static byte[] refusal(String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(9 + text.length)
        .put("BLSA".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) 3)
        .put((byte) 1)
        .putShort((short) text.length)
        .put(text)
        .array();
  }

  /** A frame with the right length and checksum around anything. */
  static byte[] frame(int kind, byte... body) {
    byte[] content = ByteBuffer.allocate(1 + body.length).put((byte) kind).put(body).array();
    CRC32C crc = new CRC32C();
    crc.update(content, 0, content.length);
    return ByteBuffer.allocate(8 + content.length)
        .putInt(content.length)
        .putInt((int) crc.getValue())
        .put(content)
        .array();
  }

  /** The frame of a message whose head Kryo would have written, and the payloads behind it. */
  static byte[] message(byte[] head, byte... payloads) {
    return frame(
        1,
        ByteBuffer.allocate(4 + head.length + payloads.length)
            .putInt(head.length)
            .put(head)
            .put(payloads)
            .array());
  }

  static synchronized byte[] encoded(Message message) {
    ByteBuf frame = CODEC.encode(message, UnpooledByteBufAllocator.DEFAULT);
    try {
      return ByteBufUtil.getBytes(frame);
    } finally {
      frame.release();
    }
  }

  void send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends what the other side lets it; true if it was all taken. */
  boolean offer(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  void shutdownOutput() {
    try {
      socket.shutdownOutput();
    } catch (IOException closedAlready) {
      // As good as shut down.
    }
  }

  byte[] read(int count) {
    byte[] bytes = new byte[count];
    try {
      in.readFully(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  Handshake.Hello readHello() {
    try {
      byte[] start = read(40);
      byte[] address = read(ByteBuffer.wrap(start).getShort(38));
      Handshake.Hello hello = Handshake.readHello(Unpooled.wrappedBuffer(start, address));
      if (hello == null) {
        throw new AssertionError("half a hello");
      }
      return hello;
    } catch (ProtocolViolation violation) {
      throw new AssertionError(violation);
    }
  }

  void expectWelcome() {
    byte[] prefix = read(7);
    if (prefix[6] != 0) {
      throw new AssertionError("not a welcome: " + ByteBufUtil.hexDump(prefix));
    }
    read(24);
  }

  String expectRefusal() {
    byte[] prefix = read(7);
    if (prefix[6] != 1) {
      throw new AssertionError("not a refusal: " + ByteBufUtil.hexDump(prefix));
    }
    int length = ByteBuffer.wrap(read(2)).getShort();
    return new String(read(length), StandardCharsets.UTF_8);
  }

  /** Reads to the end; how many bytes there were. */
  long awaitClosed() {
    long count = 0;
    try {
      while (in.read() >= 0) {
        count++;
      }
    } catch (SocketTimeoutException notClosed) {
      throw new AssertionError("the connection was not closed", notClosed);
    } catch (IOException reset) {
      // Closed as well: with bytes of ours that nobody had read.
    }
    return count;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
