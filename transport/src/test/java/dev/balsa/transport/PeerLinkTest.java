package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one node sends to another, and what comes in between. */
class PeerLinkTest {
  private static final UUID OURS = new UUID(1, 2);
  private static final UUID THEIRS = new UUID(3, 4);

  private final Relay relay = new Relay();

  @AfterEach
  void closeRelay() {
    relay.close();
    TestNode.assertNoBufferIsHeld();
  }

  private static TransportTimeouts idleAfter(Duration idle) {
    return new TransportTimeouts(
        TestNode.TIMEOUTS.connect(),
        TestNode.TIMEOUTS.handshake(),
        idle,
        TestNode.TIMEOUTS.backoffMin(),
        TestNode.TIMEOUTS.backoffMax());
  }

  /** A peer that is not one: accepts one connection after the other. */
  private static final class Impostor implements AutoCloseable {
    private final ServerSocket socket;

    Impostor() {
      this(0);
    }

    Impostor(int receiveBufferBytes) {
      try {
        socket = new ServerSocket();
        if (receiveBufferBytes > 0) {
          socket.setReceiveBufferSize(receiveBufferBytes);
        }
        socket.setSoTimeout(30_000);
        socket.bind(TestNode.loopback(0));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    InetSocketAddress address() {
      return TestNode.loopback(socket.getLocalPort());
    }

    RawPeer accept() {
      try {
        return new RawPeer(socket.accept());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void aRestartedPeerIsReachedAgainWithOneLineEach() {
    try (TestNode one = TestNode.started(1)) {
      one.transport.connect(2, relay.address());
      one.awaitLine("cannot reach node 2");
      TestNode two = TestNode.started(2, Map.of(1L, one.address()));
      relay.target(two.address());
      one.awaitLink(2);
      one.send(2, new Heartbeat(1, 1, 1));
      two.awaitReceived(1);
      relay.cut();
      two.close();
      int before = relay.attempts();
      Await.until(() -> relay.attempts() > before + 20, () -> "no attempts");
      assertThat(one.log.linesWith("node 2 at"))
          .satisfiesExactly(
              first -> assertThat(first).contains("cannot reach node 2"),
              again -> assertThat(again).contains("is reachable again"),
              lost -> assertThat(lost).contains("lost the connection to node 2"));

      try (TestNode twoAgain = TestNode.started(2, Map.of(1L, one.address()))) {
        relay.target(twoAgain.address());
        one.awaitLink(2);
        one.send(2, new Heartbeat(2, 2, 2));
        twoAgain.awaitReceived(1);
        assertThat(twoAgain.received)
            .containsExactly(new TestNode.Received(1, new Heartbeat(2, 2, 2)));
      }
      assertThat(one.log.linesWith("is reachable again")).hasSize(2);
      assertThat(one.link(2).connects()).isEqualTo(2);
    }
  }

  @Test
  void aPeerThatConnectsIsDialledWithoutWaiting() {
    TransportTimeouts patient =
        new TransportTimeouts(
            TestNode.TIMEOUTS.connect(),
            TestNode.TIMEOUTS.handshake(),
            TestNode.TIMEOUTS.idle(),
            Duration.ofDays(1),
            Duration.ofDays(1));
    try (TestNode one = TestNode.started(TestNode.config(1).withTimeouts(patient))) {
      one.transport.connect(2, relay.address());
      one.awaitLine("cannot reach node 2");
      try (TestNode two = TestNode.started(2)) {
        relay.target(two.address());
        two.transport.connect(1, one.address());
        one.awaitLink(2); // not in a day
      }
    }
  }

  @Test
  void aSilentPeerIsNoticedAndReplaced() {
    try (TestNode one =
            TestNode.started(TestNode.config(1).withTimeouts(idleAfter(Duration.ofMillis(400))));
        TestNode two =
            TestNode.started(TestNode.config(2).withTimeouts(idleAfter(Duration.ofMillis(400))))) {
      one.transport.connect(2, relay.address());
      two.transport.connect(1, one.address());
      relay.target(two.address());
      one.awaitLink(2);
      relay.silence();
      one.awaitLine("lost the connection to node 2");
      assertThat(one.log.linesWith("lost the connection to node 2"))
          .singleElement()
          .asString()
          .endsWith("nothing heard for 400 ms");
      Await.until(() -> !two.link(1).receiving(), () -> "the receiving side holds on to it");
      relay.speak();
      one.awaitLink(2);
      one.send(2, new Heartbeat(3, 3, 3));
      two.awaitReceived(1);
    }
  }

  @Test
  void aLinkOnWhichNothingIsSaidIsKeptByPings() {
    // Six pings are a ping for each half second: longer than any idle link would live.
    try (Impostor impostor = new Impostor();
        TestNode one =
            TestNode.started(TestNode.config(1).withTimeouts(idleAfter(Duration.ofSeconds(2))))) {
      one.transport.connect(2, impostor.address());
      try (RawPeer peer = impostor.accept();
          RawPeer pinging = RawPeer.welcomed(one, 2)) {
        peer.readHello();
        peer.send(RawPeer.welcome(3, RawPeer.NO_CLUSTER, 2));
        for (int i = 0; i < 6; i++) {
          assertThat(peer.read(9)).isEqualTo(RawPeer.frame(Frame.PING));
          peer.send(RawPeer.frame(Frame.PONG));
          pinging.send(RawPeer.frame(Frame.PING));
          assertThat(pinging.read(9)).isEqualTo(RawPeer.frame(Frame.PONG));
        }
        assertThat(one.log.linesWith("lost")).isEmpty();
        assertThat(one.link(2).sending()).isTrue();
        assertThat(one.link(2).receiving()).isTrue();
        assertThat(one.link(2).accepts()).isEqualTo(1);
      }
    }
  }

  @Test
  void aPeerThatNeverReadsDelaysNoOther() {
    TransportLimits small = new TransportLimits(2 << 20, 4 << 20, 8, 2);
    byte[] payload = new byte[Entry.PAYLOAD_BYTES_MAX];
    AppendRequest large =
        new AppendRequest(1, 0, 0, 0, List.of(new Entry(1, 1, EntryType.COMMAND, payload)));
    try (Impostor impostor = new Impostor(4096);
        TestNode one = TestNode.started(TestNode.config(1).withLimits(small));
        TestNode two = TestNode.started(2)) {
      TestNode.join(one, two);
      one.transport.connect(3, impostor.address());
      try (RawPeer blocked = impostor.accept()) {
        blocked.readHello();
        blocked.send(RawPeer.welcome(3, RawPeer.NO_CLUSTER, 3));
        one.awaitLink(3);
        int rounds = 40;
        for (int i = 0; i < rounds; i++) {
          int round = i;
          one.onLoop(
              () -> {
                one.transport.send(3, large);
                one.transport.send(3, new Heartbeat(1, 1, round));
                one.transport.send(2, new Heartbeat(1, 1, round));
              });
        }
        two.awaitReceived(rounds);
        LinkStatus status = one.link(3);
        assertThat(status.queuedBytes()).isBetween(1L, small.queueBytesMax());
        assertThat(status.droppedQueueFull()).isGreaterThan(20);
        assertThat(LocalNode.directBytes()).isLessThan(32 << 20);
      }
      // The impostor is gone: what it never took is accounted for.
      Await.until(
          () -> {
            LinkStatus status = one.link(3);
            return status.queuedBytes() == 0
                && status.messagesOut() + status.droppedQueueFull() + status.droppedUnreachable()
                    == 80;
          },
          () -> one.link(3).toString());
    }
  }

  @Test
  void aBlockedPeerIsGivenUpAfterTheIdleTimeout() {
    try (Impostor impostor = new Impostor(4096);
        TestNode one =
            TestNode.started(TestNode.config(1).withTimeouts(idleAfter(Duration.ofMillis(400))))) {
      one.transport.connect(3, impostor.address());
      try (RawPeer blocked = impostor.accept()) {
        blocked.readHello();
        blocked.send(RawPeer.welcome(3, RawPeer.NO_CLUSTER, 3));
        one.awaitLink(3);
        byte[] payload = new byte[Entry.PAYLOAD_BYTES_MAX];
        one.onLoop(
            () -> {
              for (int i = 0; i < 20; i++) {
                one.transport.send(
                    3,
                    new AppendRequest(
                        1, 0, 0, 0, List.of(new Entry(1, 1, EntryType.COMMAND, payload))));
              }
            });
        one.awaitLine("lost the connection to node 3");
      }
    }
  }

  @Test
  void largePayloadsArriveWholeAndInOrder() {
    try (TestNode one = TestNode.started(1);
        TestNode two = TestNode.started(2)) {
      TestNode.join(one, two);
      int count = 24;
      List<Message> sent = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] payload = new byte[Entry.PAYLOAD_BYTES_MAX - i];
        new Random(i).nextBytes(payload);
        sent.add(
            new AppendRequest(
                1,
                i,
                i == 0 ? 0 : 1,
                i,
                List.of(new Entry(i + 1L, 1, EntryType.COMMAND, payload))));
        sent.add(new Heartbeat(1, i, i));
      }
      one.onLoop(() -> sent.forEach(each -> one.transport.send(2, each)));
      two.awaitReceived(2 * count);
      assertThat(two.received.stream().map(TestNode.Received::message).toList()).isEqualTo(sent);
      assertThat(two.link(1).bytesIn()).isEqualTo(one.link(2).bytesOut()).isGreaterThan(24 << 20);
      assertThat(one.link(2).messagesOut()).isEqualTo(2L * count);
    }
  }

  @Test
  void whatIsSentToNobodyIsCounted() {
    try (TestNode one = TestNode.started(1)) {
      one.transport.connect(2, relay.address());
      one.awaitLine("cannot reach node 2");
      one.send(2, new Heartbeat(1, 1, 1));
      one.send(77, new Heartbeat(1, 1, 1));
      assertThat(one.link(2).droppedUnreachable()).isEqualTo(1);
      assertThat(one.log.linesWith("no address is known for node 77")).hasSize(1);
    }
  }

  @Test
  void aPeerOfAnUnknownVersionIsToldByName() {
    String line =
        "cannot reach node 2 at %s: unknown protocol version 9 (this node speaks version 3)";
    try (Impostor impostor = new Impostor();
        TestNode one = TestNode.started(1)) {
      one.transport.connect(2, impostor.address());
      for (int i = 0; i < 3; i++) {
        try (RawPeer peer = impostor.accept()) {
          peer.readHello();
          peer.send(RawPeer.welcome(9, RawPeer.NO_CLUSTER, 2));
          peer.awaitClosed();
        }
      }
      assertThat(one.link(2).unknownVersion()).isTrue();
      assertThat(one.link(2).trouble()).startsWith("unknown protocol version 9");
      assertThat(one.log.linesWith("cannot reach node 2"))
          .containsExactly("WARN " + line.formatted(name(impostor.address())));
    }
  }

  @Test
  void aRefusalIsToldInThePeersWordsOnOneLine() {
    try (Impostor impostor = new Impostor();
        TestNode one = TestNode.started(1)) {
      one.transport.connect(2, impostor.address());
      try (RawPeer peer = impostor.accept()) {
        peer.readHello();
        peer.send(RawPeer.refusal("go\naway \u001b[31m"));
        peer.awaitClosed();
      }
      one.awaitLine("go?away ?[31m");
    }
  }

  @Test
  void anAddressThatLeadsToAnotherNodeIsFound() {
    try (TestNode one = TestNode.started(1);
        TestNode three = TestNode.started(3)) {
      three.transport.connect(1, one.address());
      one.transport.connect(2, three.address());
      one.awaitLine("node 1 looks for node 2, and this is node 3; is the address right?");
      assertThat(one.link(2).sending()).isFalse();
    }
  }

  @Test
  void aPeerThatIsNotTheOneItShouldBeIsLeft() {
    try (Impostor impostor = new Impostor();
        TestNode one = TestNode.started(1)) {
      one.transport.connect(2, impostor.address());
      try (RawPeer peer = impostor.accept()) {
        Handshake.Hello hello = peer.readHello();
        assertThat(hello)
            .isEqualTo(
                new Handshake.Hello(
                    RawPeer.NO_CLUSTER, 1, 2, "localhost:" + one.address().getPort()));
        peer.send(RawPeer.welcome(3, RawPeer.NO_CLUSTER, 3));
        peer.awaitClosed();
      }
      one.awaitLine("it is node 3; is the address right?");
    }
  }

  @Test
  void aPeerOfAnotherClusterIsLeftOnceOurIdIsKnown() {
    try (Impostor impostor = new Impostor();
        TestNode one = TestNode.started(1)) {
      one.transport.connect(2, impostor.address());
      try (RawPeer peer = impostor.accept()) {
        peer.readHello();
        peer.send(RawPeer.welcome(3, THEIRS, 2));
        one.awaitLink(2);
        one.onLoop(() -> one.transport.clusterId(OURS));
        peer.awaitClosed();
      }
      one.awaitLine("cluster " + THEIRS + " is not cluster " + OURS);
      try (RawPeer peer = impostor.accept()) {
        assertThat(peer.readHello().clusterId()).isEqualTo(OURS);
        peer.send(RawPeer.welcome(3, THEIRS, 2));
        peer.awaitClosed();
      }
      Await.until(() -> !one.link(2).sending(), () -> "still open");
    }
  }

  @Test
  void clustersThatLearnTheirIdsLaterPart() {
    try (TestNode one = TestNode.started(1);
        TestNode two = TestNode.started(2)) {
      TestNode.join(one, two);
      one.onLoop(() -> one.transport.clusterId(OURS));
      two.onLoop(() -> two.transport.clusterId(THEIRS));
      Await.until(
          () ->
              !one.link(2).sending()
                  && !one.link(2).receiving()
                  && !two.link(1).sending()
                  && !two.link(1).receiving(),
          () -> "still connected");
    }
  }

  @Test
  void aPeerThatDoesNotAnswerTheHandshakeIsLeft() {
    TransportTimeouts hasty =
        new TransportTimeouts(
            TestNode.TIMEOUTS.connect(),
            Duration.ofMillis(200),
            TestNode.TIMEOUTS.idle(),
            Duration.ofMillis(1),
            Duration.ofMillis(20));
    try (Impostor impostor = new Impostor();
        TestNode one = TestNode.started(TestNode.config(1).withTimeouts(hasty))) {
      one.transport.connect(2, impostor.address());
      for (int i = 0; i < 2; i++) {
        try (RawPeer peer = impostor.accept()) {
          peer.readHello();
          peer.awaitClosed();
        }
      }
      assertThat(one.log.linesWith("no handshake within 200 ms")).hasSize(1);
    }
  }

  @Test
  void aPeerThatSendsNonsenseInAnswerIsLeft() {
    try (Impostor impostor = new Impostor();
        TestNode one = TestNode.started(1)) {
      one.transport.connect(2, impostor.address());
      try (RawPeer peer = impostor.accept()) {
        peer.readHello();
        peer.send("SSH-2.0-OpenSSH_9.2p1".getBytes(StandardCharsets.US_ASCII));
        peer.awaitClosed();
      }
      one.awaitLine("not a Balsa node");
      try (RawPeer peer = impostor.accept()) {
        peer.readHello();
        peer.send(RawPeer.welcome(3, RawPeer.NO_CLUSTER, 2));
        one.awaitLink(2);
        peer.send(RawPeer.encoded(new Heartbeat(1, 1, 1)));
        peer.awaitClosed();
      }
      one.awaitLine("a frame of kind 1 in answer");
      assertThat(one.received).isEmpty();
    }
  }

  @Test
  void aHostNameIsResolvedAtEachAttempt() {
    try (TestNode two = TestNode.started(2)) {
      AtomicInteger asked = new AtomicInteger();
      HostResolver resolver =
          host -> {
            assertThat(host).isEqualTo("node-two.example");
            if (asked.incrementAndGet() < 3) {
              throw new UnknownHostException(host);
            }
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
          };
      InetSocketAddress byName =
          InetSocketAddress.createUnresolved("node-two.example", two.address().getPort());
      TransportConfig config =
          TransportConfig.of(1, TestNode.loopback(0), Map.of(2L, byName))
              .withTimeouts(TestNode.TIMEOUTS);
      try (TestNode one = new TestNode(config, resolver)) {
        one.transport.start((from, message) -> {});
        two.transport.connect(1, one.address());
        one.awaitLink(2);
        assertThat(asked.get()).isGreaterThanOrEqualTo(3);
        assertThat(one.log.linesWith("unknown host node-two.example")).hasSize(1);
      }
    }
  }

  @Test
  void ofSeveralAddressesOfANameEachIsTried() throws UnknownHostException {
    InetAddress nobodyListens = InetAddress.getByAddress(new byte[] {127, 0, 0, 99});
    try (TestNode two = TestNode.started(2)) {
      HostResolver resolver =
          host -> new InetAddress[] {nobodyListens, InetAddress.getLoopbackAddress()};
      InetSocketAddress byName =
          InetSocketAddress.createUnresolved("node-two.example", two.address().getPort());
      TransportConfig config =
          TransportConfig.of(1, TestNode.loopback(0), Map.of(2L, byName))
              .withTimeouts(TestNode.TIMEOUTS);
      try (TestNode one = new TestNode(config, resolver)) {
        one.transport.start((from, message) -> {});
        two.transport.connect(1, one.address());
        one.awaitLink(2);
      }
    }
  }

  @Test
  void aNameServiceThatHangsDelaysNoOtherPeer() {
    CountDownLatch hangs = new CountDownLatch(1);
    HostResolver resolver =
        host -> {
          try {
            hangs.await();
          } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
          throw new UnknownHostException(host);
        };
    try (TestNode two = TestNode.started(2)) {
      TransportConfig config =
          TransportConfig.of(
                  1,
                  TestNode.loopback(0),
                  Map.of(
                      2L, two.address(), 3L, InetSocketAddress.createUnresolved("slow.example", 1)))
              .withTimeouts(TestNode.TIMEOUTS);
      try (TestNode one = new TestNode(config, resolver)) {
        one.transport.start((from, message) -> {});
        two.transport.connect(1, one.address());
        one.awaitLink(2);
        one.send(2, new Heartbeat(1, 1, 1));
        two.awaitReceived(1);
      }
    } finally {
      hangs.countDown();
    }
  }

  @Test
  void aPeerCanMove() {
    try (TestNode one = TestNode.started(1);
        TestNode two = TestNode.started(2);
        TestNode elsewhere = TestNode.started(2)) {
      two.transport.connect(1, one.address());
      elsewhere.transport.connect(1, TestNode.loopback(1));
      one.transport.connect(2, two.address());
      one.awaitLink(2);
      one.transport.connect(2, elsewhere.address());
      Await.until(() -> one.link(2).connects() == 2, () -> one.log.lines().toString());
      one.send(2, new Heartbeat(1, 1, 1));
      elsewhere.awaitReceived(1);
      assertThat(two.received).isEmpty();
    }
  }

  private static String name(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }
}
