package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** The byte streams of the protocol, whole, cut into pieces, damaged and random. */
class StreamTest {
  private static @Nullable TestNode node;

  @BeforeContainer
  static void start() {
    TestNode started = TestNode.started(1);
    started.transport.connect(3, TestNode.loopback(1));
    started.awaitLine("cannot reach node 3");
    node = started;
  }

  @AfterContainer
  static void stop() {
    TestNode started = node();
    assertThat(started.uncaught).isEmpty();
    started.close();
    TestNode.assertNoBufferIsHeld();
  }

  private static TestNode node() {
    if (node == null) {
      throw new AssertionError("not started");
    }
    return node;
  }

  @Property(tries = 2000)
  void framesInPiecesAreTheSameFrames(@ForAll long seed) throws ProtocolViolation {
    Random random = new Random(seed);
    byte[] body = new byte[random.nextInt(3000)];
    random.nextBytes(body);
    byte[] whole = RawPeer.frame(random.nextInt(128), body);
    CompositeByteBuf pieces = Unpooled.compositeBuffer(4096);
    int end = 0;
    while (end < whole.length) {
      assertThat(Frame.next(pieces, 1 << 20)).isNull();
      int next = Math.min(whole.length, end + 1 + random.nextInt(700));
      ByteBuf piece = Unpooled.directBuffer(next - end).writeBytes(whole, end, next - end);
      pieces.addComponent(true, piece);
      end = next;
    }
    ByteBuf frame = Frame.next(pieces, 1 << 20);
    assertThat(frame).isEqualTo(Unpooled.wrappedBuffer(whole, 8, whole.length - 8));
    pieces.release();
  }

  @Property(tries = 5000)
  void randomHandshakesAreReadOrRefused(
      @ForAll byte[] bytes, @ForAll @LongRange(max = 6) long keep) {
    // The first bytes of a hello, then anything.
    byte[] mixed = RawPeer.hello(3, new UUID(1, 2), 3, 4);
    System.arraycopy(
        bytes, 0, mixed, (int) keep, Math.min(bytes.length, mixed.length - (int) keep));
    for (byte[] input : List.of(bytes, mixed)) {
      try {
        Handshake.Hello hello = Handshake.readHello(Unpooled.wrappedBuffer(input));
        assertThat(hello == null || input.length >= 40).isTrue();
      } catch (ProtocolViolation refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
      try {
        Handshake.readAnswer(Unpooled.wrappedBuffer(input));
      } catch (ProtocolViolation refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
  }

  /** Over a real socket; also from the handshake on. */
  @Property(tries = 1500)
  void aDamagedStreamEndsInAClosedConnection(@ForAll long seed) {
    Random random = new Random(seed);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes(RawPeer.hello(3, new UUID(0, 0), 3, 1));
    List<Message> samples = MessageCodecTest.samples();
    for (int i = 0; i < 4; i++) {
      byte[] frame = RawPeer.encoded(samples.get(random.nextInt(samples.size())));
      if (random.nextInt(3) == 0) {
        // Damage behind a checksum that is right: it gets as far as the codec.
        byte[] body = Arrays.copyOfRange(frame, 9, frame.length);
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        frame = RawPeer.frame(random.nextInt(6), body);
      }
      stream.writeBytes(frame);
    }
    byte[] bytes = stream.toByteArray();
    int kept = random.nextInt(4) == 0 ? 0 : 38;
    for (int i = random.nextInt(4); i > 0; i--) {
      bytes[kept + random.nextInt(bytes.length - kept)] = (byte) random.nextInt(256);
    }
    try (RawPeer peer = RawPeer.connected(node().address())) {
      int cut = random.nextInt(bytes.length);
      if (peer.offer(Arrays.copyOf(bytes, cut))) {
        peer.offer(Arrays.copyOfRange(bytes, cut, bytes.length));
      }
      peer.shutdownOutput();
      peer.awaitClosed();
    }
    assertThat(node().uncaught).isEmpty();
  }
}
