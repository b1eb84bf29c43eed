package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.ConfigurationNotice;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.MachineMessage;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.ReadRequest;
import dev.balsa.raft.core.Message.ReadResponse;
import dev.balsa.raft.core.Message.SnapshotChunk;
import dev.balsa.raft.core.Message.SnapshotStatus;
import dev.balsa.raft.core.Message.TimeoutNow;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
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

  /** Version, counts, node 2 in role 1 with an empty address. */
  private static final String ONE_VOTER = "02" + "00000001" + "00000000" + "0000000000000002010000";

  private static final Configuration JOINT =
      Configuration.ofVoters(List.of(1L, 2L))
          .with(2, MemberRole.VOTER, "10.0.0.2:7001")
          .with(3, MemberRole.STANDBY, "10.0.0.3:7001")
          .towards(
              Configuration.ofVoters(List.of(1L))
                  .with(3, MemberRole.VOTER, "10.0.0.3:7001")
                  .with(9, MemberRole.SPARE, "nine:1"));

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
        new HeartbeatResponse(19, Long.MAX_VALUE),
        new TimeoutNow(20),
        new ConfigurationNotice(21, 22, JOINT),
        new SnapshotChunk(
            23,
            new SnapshotId(1, 24, 22, 5),
            new SnapshotMark(24, 22, JOINT),
            7,
            new byte[300],
            -1,
            true),
        new SnapshotStatus(25, new SnapshotId(1, 24, 22, 5), 1 << 20, false),
        new ReadRequest(26, Long.MAX_VALUE),
        new ReadResponse(27, 28, 29),
        new MachineMessage(new byte[300]));
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
        new Object[] {new VoteRequest(5, 6, 7), "000000051405060700"},
        new Object[] {new VoteResponse(8, false), "00000003150800"},
        new Object[] {
          new AppendRequest(
              9, 300, 8, 9, List.of(new Entry(301, 8, EntryType.COMMAND, new byte[] {7, 6}))),
          "0000000a1609ac020809010802020706"
        },
        new Object[] {new AppendAccepted(10, 11), "00000003170a0b"},
        new Object[] {new AppendRejected(12, 13, 14, 15), "00000005180c0d0e0f"},
        new Object[] {new Heartbeat(16, 17, 18), "0000000419101112"},
        new Object[] {new HeartbeatResponse(19, 128), "000000041a138001"},
        new Object[] {new TimeoutNow(5), "000000021b05"},
        new Object[] {
          new ConfigurationNotice(6, 7, Configuration.ofVoters(List.of(2L))),
          "000000041c060714" + ONE_VOTER
        },
        new Object[] {
          new SnapshotChunk(
              8,
              new SnapshotId(1, 300, 4, 5),
              new SnapshotMark(300, 4, Configuration.ofVoters(List.of(2L))),
              9,
              new byte[] {1, 2},
              0x01020304,
              true),
          "0000000f1d0801ac02040514090403020101" + "02" + ONE_VOTER + "0102"
        },
        new Object[] {
          new SnapshotStatus(8, new SnapshotId(1, 300, 4, 5), 9, true), "000000091e0801ac0204050901"
        },
        new Object[] {new ReadRequest(8, 300), "000000041f08ac02"},
        new Object[] {new ReadResponse(8, 300, 9), "000000052008ac0209"},
        new Object[] {new MachineMessage(new byte[] {1, 2, 3}), "000000022103" + "010203"});
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

  @Test
  void aSnapshotsContentIsCopiedOnceOnEachSide() throws ProtocolViolation {
    byte[] content = new byte[Limits.CHUNK_BYTES_MAX];
    SnapshotMark mark = new SnapshotMark(4, 3, Configuration.ofVoters(List.of(1L)));
    Message chunk = new SnapshotChunk(5, new SnapshotId(1, 4, 3, 2), mark, 0, content, 7, false);
    UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    codec.encode(chunk, UnpooledByteBufAllocator.DEFAULT).release();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    ByteBuf frame = codec.encode(chunk, UnpooledByteBufAllocator.DEFAULT);
    long encoded = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(encoded - before).isLessThan(64 << 10); // the one copy is outside the heap
    ByteBuf body = Frame.next(frame, TransportLimits.DEFAULT.frameBytesMax());
    assertThat(body).isNotNull();
    byte kind = body.readByte();
    assertThat(kind).isEqualTo(Frame.MESSAGE);
    Message decoded = codec.decode(body);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - encoded)
        .isBetween((long) content.length, content.length + (256L << 10));
    assertThat(decoded).isEqualTo(chunk);
    frame.release();
  }

  @Test
  void chunksAndConfigurationsAboveTheirBoundsAreRefusedBeforeAnythingIsAllocated() {
    // A configuration that says to be 16 MiB, where there are as many bytes.
    byte[] notice = {0x1c, 1, 1, (byte) 0x80, (byte) 0x80, (byte) 0x80, 8};
    // A chunk of 2 MiB behind an empty configuration.
    byte[] chunk = {
      0x1d, 1, 1, 1, 1, 1, 9, 0, 0, 0, 0, 0, 0, (byte) 0x80, (byte) 0x80, (byte) 0x80, 1
    };
    // A state machine's message of 1 MiB.
    byte[] machine = {0x21, (byte) 0x80, (byte) 0x80, (byte) 0x40};
    assertThatRefusedCheaply(machine, new byte[1 << 20], "a payload of 1048576 bytes");
    byte[] empty = {2, 0, 0, 0, 0, 0, 0, 0, 0};
    assertThatRefusedCheaply(notice, new byte[16 << 20], "a payload of 16777216 bytes");
    byte[] content = Arrays.copyOf(empty, empty.length + (2 << 20));
    assertThatRefusedCheaply(chunk, content, "a payload of 2097152 bytes");
  }

  private static void assertThatRefusedCheaply(byte[] head, byte[] payloads, String why) {
    ByteBuf body =
        Unpooled.wrappedBuffer(
            Unpooled.buffer(4).writeInt(head.length),
            Unpooled.wrappedBuffer(head),
            Unpooled.wrappedBuffer(payloads));
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> codec.decode(body))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining(why);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(512 << 10);
  }

  @Provide
  Arbitrary<Byte> classes() {
    return Arbitraries.bytes().between((byte) 16, (byte) 34);
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
        Combinators.combine(number, number).as(HeartbeatResponse::new),
        number.map(TimeoutNow::new),
        Combinators.combine(number, number, configurations()).as(ConfigurationNotice::new),
        chunks(),
        Combinators.combine(number, ids(), number, flag).as(SnapshotStatus::new),
        Combinators.combine(number, number).as(ReadRequest::new),
        Combinators.combine(number, number, number).as(ReadResponse::new),
        Arbitraries.oneOf(
                Arbitraries.bytes().array(byte[].class).ofMaxSize(64),
                Arbitraries.of(16_384, MachineMessage.PAYLOAD_BYTES_MAX).map(byte[]::new))
            .map(MachineMessage::new));
  }

  private static Arbitrary<SnapshotId> ids() {
    Arbitrary<Long> number = Arbitraries.longs().greaterOrEqual(0);
    return Combinators.combine(number, number, number, number).as(SnapshotId::new);
  }

  private static Arbitrary<Configuration> configurations() {
    return Arbitraries.longs().map(MessageCodecTest::configuration);
  }

  private static Configuration configuration(long seed) {
    Random random = new Random(seed);
    if (random.nextInt(8) == 0) {
      return Configuration.EMPTY;
    }
    Configuration configuration =
        Configuration.ofVoters(List.of(1000 + (random.nextLong() >>> random.nextInt(2, 63))));
    int members = random.nextInt(6);
    for (int i = 0; i < members; i++) {
      configuration =
          configuration.with(
              1 + random.nextInt(100),
              MemberRole.of((byte) (1 + random.nextInt(3))),
              "h".repeat(random.nextInt(Configuration.ADDRESS_CHARS_MAX + 1)));
    }
    return random.nextBoolean()
        ? configuration
        : Configuration.ofVoters(List.of(101L, 102L)).towards(configuration);
  }

  private static Arbitrary<Message> chunks() {
    Arbitrary<Long> number = Arbitraries.longs().greaterOrEqual(0);
    Arbitrary<Long> positive = Arbitraries.longs().greaterOrEqual(1);
    Arbitrary<byte[]> content =
        Arbitraries.oneOf(
            Arbitraries.bytes().array(byte[].class).ofMaxSize(64),
            Arbitraries.of(16_384, Limits.CHUNK_BYTES_MAX).map(byte[]::new));
    return Combinators.combine(
            Combinators.combine(number, positive, positive, number).as(SnapshotId::new),
            configurations(),
            number,
            content,
            Arbitraries.integers())
        .as(
            (id, configuration, offset, bytes, checksum) ->
                new SnapshotChunk(
                    offset ^ 1,
                    id,
                    new SnapshotMark(id.index(), id.term(), configuration),
                    offset,
                    bytes,
                    checksum,
                    checksum % 2 == 0));
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
