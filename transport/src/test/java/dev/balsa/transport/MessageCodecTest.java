package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageCodecTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  // Shared by all tries: what one of them leaves behind, the next would meet.
  private static final MessageCodec codec = new MessageCodec();

  /** One of each type; the property below and the tests of damage take all of them. */
  static List<Message> samples() {
    return List.of(
        new PreVoteRequest(1, 2, 3),
        new PreVoteResponse(4, true),
        new VoteRequest(5, 6, 7),
        new VoteResponse(8, false),
        new AppendRequest(
            9,
            10,
            8,
            9,
            List.of(
                new Entry(11, 8, EntryType.NO_OP, new byte[0]),
                new Entry(12, 9, EntryType.COMMAND, new byte[] {1, 2, 3}),
                new Entry(13, 9, EntryType.CONFIGURATION, new byte[300]))),
        new AppendAccepted(10, 11),
        new AppendRejected(12, 13, 14, 15),
        new Heartbeat(16, 17, 18),
        new HeartbeatResponse(19, Long.MAX_VALUE));
  }

  @Test
  void everyTypeOfMessageHasItsNumber() {
    assertThat(samples().stream().map(Object::getClass).toList())
        .containsExactlyInAnyOrder(Message.class.getPermittedSubclasses());
  }

  /** The bytes are a contract between nodes: a change needs a new protocol version. */
  @ParameterizedTest
  @MethodSource("wireFormat")
  void theBytesOfAMessageAreFixed(Message message, String hex) throws ProtocolViolation {
    byte[] frame = RawPeer.encoded(message);
    assertThat(ByteBufUtil.hexDump(frame, 9, frame.length - 9)).isEqualTo(hex);
    assertThat(codec.decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex))))
        .isEqualTo(message);
  }

  static Stream<Object[]> wireFormat() {
    return Stream.of(
        new Object[] {new PreVoteRequest(1, 2, 3), "0000000412010203"},
        new Object[] {new PreVoteResponse(4, true), "00000003130401"},
        new Object[] {new VoteRequest(5, 6, 7), "0000000414050607"},
        new Object[] {new VoteResponse(8, false), "00000003150800"},
        new Object[] {
          new AppendRequest(
              9, 300, 8, 9, List.of(new Entry(301, 8, EntryType.COMMAND, new byte[] {7, 6}))),
          "0000000a1609ac020809010802020706"
        },
        new Object[] {new AppendAccepted(10, 11), "00000003170a0b"},
        new Object[] {new AppendRejected(12, 13, 14, 15), "00000005180c0d0e0f"},
        new Object[] {new Heartbeat(16, 17, 18), "0000000419101112"},
        new Object[] {new HeartbeatResponse(19, 128), "000000041a138001"});
  }

  @Property(tries = 3000)
  void whatIsWrittenIsRead(@ForAll("messages") Message message) throws ProtocolViolation {
    ByteBuf frame = codec.encode(message, UnpooledByteBufAllocator.DEFAULT);
    try {
      assertThat((long) frame.readableBytes())
          .isLessThanOrEqualTo(MessageCodec.frameBytes(message));
      assertThat(frame.capacity()).isEqualTo(frame.readableBytes());
      ByteBuf body = Frame.next(frame, TransportLimits.DEFAULT.frameBytesMax());
      assertThat(body).isNotNull();
      assertThat(body.readByte()).isEqualTo(Frame.MESSAGE);
      assertThat(codec.decode(body)).isEqualTo(message);
      assertThat(frame.isReadable()).isFalse();
    } finally {
      frame.release();
    }
  }

  @Property(tries = 5000)
  void damagedMessagesAreRefusedOrRead(
      @ForAll("messages") Message message, @ForAll long seed, @ForAll boolean cut) {
    Random random = new Random(seed);
    byte[] frame = RawPeer.encoded(message);
    byte[] body = Arrays.copyOfRange(frame, Frame.HEADER_BYTES + 1, frame.length);
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      // Mostly the head, where damage tells.
      int at = random.nextInt(random.nextInt(4) == 0 ? body.length : Math.min(body.length, 24));
      body[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xff);
    }
    if (cut) {
      body = Arrays.copyOf(body, random.nextInt(body.length + 1));
    }
    decodeHarmlessly(body);
  }

  @Property(tries = 5000)
  void randomBytesAreRefusedOrRead(@ForAll byte[] bytes, @ForAll("classes") byte type) {
    decodeHarmlessly(bytes);
    // And the same behind a head length and class that are right.
    byte[] directed = new byte[5 + bytes.length];
    directed[3] = (byte) (1 + bytes.length);
    directed[4] = type;
    System.arraycopy(bytes, 0, directed, 5, bytes.length);
    decodeHarmlessly(directed);
  }

  /**
   * Nothing but a message or a {@link ProtocolViolation}, and no memory that the bytes do not pay.
   */
  private void decodeHarmlessly(byte[] body) {
    ByteBuf in = Unpooled.wrappedBuffer(body);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      codec.decode(in);
    } catch (ProtocolViolation refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan((256 << 10) + 64L * body.length);
    // The codec is as good as new.
    Message sample = samples().get(body.length % samples().size());
    byte[] frame = RawPeer.encoded(sample);
    try {
      assertThat(codec.decode(Unpooled.wrappedBuffer(frame, 9, frame.length - 9)))
          .isEqualTo(sample);
    } catch (ProtocolViolation violation) {
      throw new AssertionError(violation);
    }
  }

  @Test
  void declaredSizesAreCheckedBeforeAnythingIsAllocated() {
    byte[] manyEntries = {0, 0, 0, 9, 22, 1, 0, 0, 0, (byte) 0xff, (byte) 0xff, 3, 1};
    byte[] largeHead = {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 22, 1};
    byte[] largePayload = {0, 0, 0, 11, 22, 1, 0, 0, 0, 1, 1, 2, (byte) 0x80, (byte) 0x80, 0x40};
    for (byte[] body : List.of(manyEntries, largeHead, largePayload)) {
      refusedBytes(body); // loads what it takes to refuse
      assertThat(refusedBytes(body)).isLessThan(64 << 10);
    }
  }

  /** Memory that it takes to refuse a message. */
  private static long refusedBytes(byte[] body) {
    ByteBuf in = Unpooled.wrappedBuffer(body);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      throw new AssertionError("read as " + codec.decode(in));
    } catch (ProtocolViolation refused) {
      return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
  }

  @Test
  void moreEntriesThanAllowedAreRefused() throws ProtocolViolation {
    Message most = codec.decode(append(MessageCodec.ENTRIES_MAX));
    assertThat(((AppendRequest) most).entries()).hasSize(1024);
    assertThatThrownBy(() -> codec.decode(append(MessageCodec.ENTRIES_MAX + 1)))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("1025 entries");
  }

  @Test
  void entriesOfATermAfterTheLeadersAreRefused() {
    ByteBuf bytes = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("00000009160100000001020200"));
    assertThatThrownBy(() -> codec.decode(bytes)).isInstanceOf(ProtocolViolation.class);
  }

  /** An append of that many empty entries, as it would come from the network. */
  private static ByteBuf append(int count) {
    ByteBuf bytes = Unpooled.buffer();
    bytes.writeInt(7 + 3 * count).writeByte(22).writeByte(1).writeZero(3);
    bytes.writeByte(0x80 | (count & 0x7f)).writeByte(count >>> 7);
    for (int i = 0; i < count; i++) {
      bytes.writeByte(1).writeByte(EntryType.COMMAND.code()).writeByte(0);
    }
    return bytes;
  }

  @Test
  void whatRaftNeverSaysIsADefect() {
    assertThatThrownBy(() -> RawPeer.encoded(new Heartbeat(1, -1, 1)))
        .isInstanceOf(InvariantViolation.class);
  }

  @Provide
  Arbitrary<Byte> classes() {
    return Arbitraries.bytes().between((byte) 16, (byte) 30);
  }

  @Provide
  Arbitrary<Message> messages() {
    Arbitrary<Long> number = Arbitraries.longs().greaterOrEqual(0);
    Arbitrary<Boolean> flag = Arbitraries.of(true, false);
    return Arbitraries.oneOf(
        Combinators.combine(number, number, number).as(PreVoteRequest::new),
        Combinators.combine(number, flag).as(PreVoteResponse::new),
        Combinators.combine(number, number, number).as(VoteRequest::new),
        Combinators.combine(number, flag).as(VoteResponse::new),
        appends(),
        appends(),
        Combinators.combine(number, number).as(AppendAccepted::new),
        Combinators.combine(number, number, number, number).as(AppendRejected::new),
        Combinators.combine(number, number, number).as(Heartbeat::new),
        Combinators.combine(number, number).as(HeartbeatResponse::new));
  }

  private static Arbitrary<Message> appends() {
    Arbitrary<Long> term = Arbitraries.longs().between(1, Long.MAX_VALUE - 1_000);
    Arbitrary<Long> number = Arbitraries.longs().greaterOrEqual(0);
    Arbitrary<Long> prevIndex = Arbitraries.longs().between(0, Long.MAX_VALUE - 100);
    Arbitrary<byte[]> payload =
        Arbitraries.oneOf(
            Arbitraries.bytes().array(byte[].class).ofMaxSize(64),
            Arbitraries.of(127, 128, 16_383, 16_384, 70_000).map(byte[]::new));
    Arbitrary<Entry> entry =
        Combinators.combine(
                Arbitraries.longs().between(0, 30), Arbitraries.of(EntryType.class), payload)
            .as((more, type, bytes) -> new Entry(1, 1 + more, type, bytes));
    return Combinators.combine(term, prevIndex, number, entry.list().ofMaxSize(20))
        .as(
            (prevTerm, prev, committed, entries) -> {
              long entryTerm = prev == 0 ? 0 : prevTerm;
              List<Entry> placed = new ArrayList<>();
              for (Entry each : entries) {
                entryTerm += each.term();
                placed.add(
                    new Entry(prev + 1 + placed.size(), entryTerm, each.type(), each.payload()));
              }
              return new AppendRequest(
                  Math.max(1, entryTerm), prev, prev == 0 ? 0 : prevTerm, committed, placed);
            });
  }
}
