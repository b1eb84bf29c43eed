package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Message.Heartbeat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a stranger sends: its connection is closed with one line in the log, and that is all.
 */
class HostileInputTest {
  private static final UUID OURS = new UUID(1, 2);
  private static final UUID THEIRS = new UUID(3, 4);

  private TestNode node = TestNode.started(1);
  private final TestNode friend = TestNode.started(2);

  @BeforeEach
  void join() {
    TestNode.join(node, friend);
    node.transport.connect(3, TestNode.loopback(1));
    node.awaitLine("cannot reach node 3");
  }

  @AfterEach
  void nodeIsUnharmed() {
    int before = node.received.size();
    friend.awaitLink(1);
    friend.send(1, new Heartbeat(7, 8, 9));
    node.awaitReceived(before + 1);
    assertThat(node.uncaught).isEmpty();
    node.close();
    friend.close();
    TestNode.assertNoBufferIsHeld();
  }

  private void assertOneLine(String text) {
    node.awaitLine(text);
    assertThat(node.log.linesWith("closed the connection from"))
        .singleElement()
        .asString()
        .startsWith("WARN closed the connection from")
        .contains(text)
        .doesNotContain("\n");
  }

  @Test
  void garbageInsteadOfAHandshake() {
    try (RawPeer stranger = RawPeer.connected(node.address())) {
      stranger.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(stranger.awaitClosed()).isZero();
    }
    assertOneLine("not a Balsa node: its first bytes are 474554202f204854");
  }

  @Test
  void anUnknownVersionIsRefusedByNameOnBothSides() {
    try (RawPeer future = RawPeer.connected(node.address())) {
      future.send(RawPeer.hello(7, OURS, 3, 1));
      assertThat(future.expectRefusal())
          .isEqualTo("unknown protocol version 7 (this node speaks version 3)");
      future.awaitClosed();
    }
    assertOneLine("unknown protocol version 7 (this node speaks version 3)");
  }

  @Test
  void aVersionIsRefusedEvenIfItsHelloIsShorter() {
    try (RawPeer future = RawPeer.connected(node.address())) {
      future.send(ByteBuffer.allocate(6).putInt(Handshake.MAGIC).putShort((short) 0).array());
      assertThat(future.expectRefusal()).startsWith("unknown protocol version 0");
      future.awaitClosed();
    }
    assertOneLine("unknown protocol version 0");
  }

  @Test
  void anotherClusterIsRefused() {
    node.onLoop(() -> node.transport.clusterId(OURS));
    try (RawPeer other = RawPeer.connected(node.address())) {
      other.send(RawPeer.hello(3, THEIRS, 3, 1));
      assertThat(other.expectRefusal())
          .isEqualTo("cluster %s is not cluster %s of node 1", THEIRS, OURS);
      other.awaitClosed();
    }
    assertOneLine("cluster " + THEIRS + " is not cluster " + OURS);
    RawPeer.welcomed(node, 3).close(); // who does not know its cluster is still let in
  }

  @Test
  void aLinkFromAnotherClusterIsClosedOnceOurIdIsKnown() {
    try (RawPeer other = RawPeer.connected(node.address())) {
      other.send(RawPeer.hello(3, THEIRS, 3, 1));
      other.expectWelcome();
      node.onLoop(() -> node.transport.clusterId(OURS));
      other.awaitClosed();
    }
    assertOneLine("cluster " + THEIRS + " is not cluster " + OURS);
  }

  @Test
  void aPeerThatLearnsOfAnotherClusterLaterIsClosed() {
    node.onLoop(() -> node.transport.clusterId(OURS));
    try (RawPeer other = RawPeer.welcomed(node, 3)) {
      byte[] id = ByteBuffer.allocate(16).putLong(3).putLong(4).array();
      other.send(RawPeer.frame(Frame.CLUSTER_ID, id));
      other.awaitClosed();
    }
    assertOneLine("cluster " + THEIRS + " is not cluster " + OURS);
  }

  @Test
  void whoLooksForAnotherNodeIsToldWhoThisIs() {
    try (RawPeer lost = RawPeer.connected(node.address())) {
      lost.send(RawPeer.hello(3, OURS, 3, 5));
      assertThat(lost.expectRefusal())
          .isEqualTo("node 3 looks for node 5, and this is node 1; is the address right?");
      lost.awaitClosed();
    }
    assertOneLine("node 3 looks for node 5");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 9, 0, -1, Long.MAX_VALUE})
  void whoIsNoPeerIsRefused(long sender) {
    try (RawPeer nobody = RawPeer.connected(node.address())) {
      nobody.send(RawPeer.hello(3, OURS, sender, 1));
      assertThat(nobody.expectRefusal()).isEqualTo("node %d is no peer of node 1", sender);
      nobody.awaitClosed();
    }
    assertOneLine("is no peer of node 1");
  }

  @Test
  void aHandshakeThatNeverEndsIsCutOff() {
    node.close();
    TransportTimeouts hasty =
        new TransportTimeouts(
            TestNode.TIMEOUTS.connect(),
            Duration.ofMillis(300),
            TestNode.TIMEOUTS.idle(),
            TestNode.TIMEOUTS.backoffMin(),
            TestNode.TIMEOUTS.backoffMax());
    node = TestNode.started(TestNode.config(1).withTimeouts(hasty));
    TestNode.join(node, friend);
    try (RawPeer slow = RawPeer.connected(node.address())) {
      slow.send(new byte[] {'B', 'L'});
      assertThat(slow.awaitClosed()).isZero();
    }
    assertOneLine("no handshake within 300 ms");
  }

  @Test
  void tooManyHandshakesAtOnceCostTheOldestItsPlace() {
    node.close();
    node =
        TestNode.started(
            TestNode.config(1).withLimits(new TransportLimits(2 << 20, 2 << 20, 3, 2)));
    List<RawPeer> idlers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      idlers.add(RawPeer.connected(node.address()));
    }
    assertThat(idlers.get(0).awaitClosed()).isZero();
    assertOneLine("no handshake yet, and too many others are waiting");
    TestNode.join(node, friend); // the real peer gets in past them
    idlers.forEach(RawPeer::close);
  }

  private void afterTheHandshake(byte[] bytes, String line) {
    try (RawPeer peer = RawPeer.welcomed(node, 3)) {
      peer.send(bytes);
      peer.awaitClosed();
    }
    assertOneLine(line);
    assertThat(node.received).isEmpty();
  }

  @Test
  void aFrameTooLarge() {
    afterTheHandshake(
        ByteBuffer.allocate(9).putInt((16 << 20) - 7).array(),
        "a frame of 16777209 bytes; 1 to 16777208 are allowed");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void aFrameOfImpossibleLength(int length) {
    afterTheHandshake(ByteBuffer.allocate(9).putInt(length).array(), "a frame of ");
  }

  @Test
  void aDamagedFrame() {
    byte[] frame = RawPeer.encoded(new Heartbeat(1, 2, 3));
    frame[frame.length - 1] ^= 1;
    afterTheHandshake(frame, "a damaged frame");
  }

  @Test
  void aFrameOfUnknownKind() {
    afterTheHandshake(RawPeer.frame(77), "a frame of unknown kind 77");
  }

  @Test
  void aClusterIdThatIsNone() {
    afterTheHandshake(RawPeer.frame(Frame.CLUSTER_ID, new byte[15]), "a cluster id of 15 bytes");
  }

  @Test
  void anUnknownKryoClass() {
    afterTheHandshake(RawPeer.message(new byte[] {99}), "unknown class id 97");
  }

  @Test
  void aStringWhereAMessageIsDue() {
    // Kryo knows String by itself, as class 1; its declared length is 2^31 characters.
    byte[] head = {3, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
    afterTheHandshake(RawPeer.message(head), "unknown class id 1");
  }

  @Test
  void aClassByItsName() {
    String name = HostileInputTest.class.getName() + "$NeverLoaded";
    byte[] head =
        ByteBuffer.allocate(2 + name.length())
            .put((byte) 1)
            .put((byte) 0)
            .put(name.getBytes(StandardCharsets.US_ASCII))
            .array();
    head[head.length - 1] |= (byte) 0x80; // Kryo's mark for the last character
    afterTheHandshake(RawPeer.message(head), "unknown class id -1");
  }

  @Test
  void nothingWhereAMessageIsDue() {
    afterTheHandshake(RawPeer.message(new byte[] {0}), "unknown class id -2");
  }

  @Test
  void bytesLeftOver() {
    afterTheHandshake(
        RawPeer.message(new byte[] {23 + 2, 1, 1, 1}, (byte) 5), "bytes left over after a message");
  }

  @Test
  void aPayloadThatIsNotThere() {
    // term 1, prevIndex 0, prevTerm 0, committed 0, one entry: term 1, COMMAND, 200 bytes
    byte[] head = {20 + 2, 1, 0, 0, 0, 1, 1, 2, (byte) 0xc8, 1};
    afterTheHandshake(
        RawPeer.message(head, new byte[100]), "a payload of 200 bytes where 100 are left");
  }

  @Test
  void aDeclaredLengthAloneCostsNothing() {
    try (RawPeer peer = RawPeer.welcomed(node, 3)) {
      Await.until(() -> node.link(3).receiving(), () -> "no link");
      long before = LocalNode.directBytes();
      peer.send(ByteBuffer.allocate(9).putInt(16_000_000).array());
      peer.send(new byte[1000]);
      // What comes in on another link has been read after it.
      friend.send(1, new Heartbeat(1, 1, 1));
      node.awaitReceived(1);
      assertThat(LocalNode.directBytes() - before).isLessThan(1 << 20);
    }
  }

  @Test
  void aFrameThatComesByteByByteIsTakenAsAnyOther() {
    try (RawPeer peer = RawPeer.welcomed(node, 3)) {
      for (byte each : RawPeer.encoded(new Heartbeat(4, 5, 6))) {
        peer.send(new byte[] {each});
      }
      node.awaitReceived(1);
      assertThat(node.received).containsExactly(new TestNode.Received(3, new Heartbeat(4, 5, 6)));
    }
  }

  @Test
  void messagesBeforeTheBadFrameAreDelivered() {
    byte[] good = RawPeer.encoded(new Heartbeat(1, 2, 3));
    byte[] bad = RawPeer.frame(77);
    try (RawPeer peer = RawPeer.welcomed(node, 3)) {
      peer.send(
          ByteBuffer.allocate(2 * good.length + bad.length).put(good).put(bad).put(good).array());
      peer.awaitClosed();
    }
    assertOneLine("a frame of unknown kind 77");
    assertThat(node.received).hasSize(1);
  }

  @Test
  void aSecondConnectionOfAPeerTakesThePlaceOfTheFirst() {
    try (RawPeer first = RawPeer.welcomed(node, 3);
        RawPeer second = RawPeer.welcomed(node, 3)) {
      first.awaitClosed();
      second.send(RawPeer.encoded(new Heartbeat(1, 2, 3)));
      node.awaitReceived(1);
      assertThat(node.link(3).receiving()).isTrue();
      assertThat(node.link(3).accepts()).isEqualTo(2);
    }
  }

  @Test
  void aPingIsAnswered() {
    try (RawPeer peer = RawPeer.welcomed(node, 3)) {
      peer.send(RawPeer.frame(Frame.PING));
      assertThat(peer.read(9)).isEqualTo(RawPeer.frame(Frame.PONG));
    }
  }

  @Test
  void whoPingsAndDoesNotReadDoesNotFillTheMemory() {
    byte[] pings = new byte[9 * 10_000];
    for (int i = 0; i < 10_000; i++) {
      System.arraycopy(RawPeer.frame(Frame.PING), 0, pings, 9 * i, 9);
    }
    try (RawPeer peer = RawPeer.welcomed(node, 3)) {
      for (int i = 0; i < 10; i++) {
        peer.send(pings);
      }
      peer.send(RawPeer.encoded(new Heartbeat(1, 2, 3)));
      node.awaitReceived(1);
      assertThat(LocalNode.directBytes()).isLessThan(64 << 20);
    }
  }

  @Test
  void theSameNonsenseAgainAndAgainIsLoggedOnce() {
    for (int i = 0; i < 200; i++) {
      try (RawPeer stranger = RawPeer.connected(node.address())) {
        stranger.send(new byte[] {1, 2, 3, 4});
        stranger.awaitClosed();
      }
    }
    assertOneLine("not a Balsa node");
    assertThat(node.transport.status().refused()).isEqualTo(200);
  }
}
