package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.Message.Heartbeat;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that come and go with the configurations of the cluster. */
class PeersTest {
  private static String text(TestNode node) {
    return PeerAddress.of(node.address(), node.address().getPort());
  }

  private static void peers(TestNode node, Map<Long, String> addresses) {
    node.onLoop(() -> node.transport.peers(addresses));
  }

  private static List<Long> links(TestNode node) {
    return node.transport.status().links().stream().map(LinkStatus::peer).toList();
  }

  @Test
  void peersAreDialledWhereTheConfigurationSays() {
    try (TestNode one = TestNode.started(1);
        TestNode two = TestNode.started(2)) {
      peers(one, Map.of(2L, text(two)));
      peers(two, Map.of(1L, text(one)));
      one.awaitLink(2);
      two.awaitLink(1);
      one.send(2, new Heartbeat(1, 2, 3));
      two.awaitReceived(1);
    }
  }

  @Test
  void anEmptyAddressMeansTheOneThatTheTransportWasGiven() {
    try (TestNode two = TestNode.started(2);
        TestNode one = TestNode.started(1, Map.of(2L, two.address()))) {
      peers(two, Map.of(1L, text(one)));
      peers(one, Map.of());
      assertThat(links(one)).doesNotContain(3L);
      peers(one, Map.of(2L, ""));
      one.awaitLink(2);
    }
  }

  @Test
  void aPeerThatIsNoneAnyMoreIsNotDialled() {
    try (TestNode one = TestNode.started(1)) {
      peers(one, Map.of(2L, "127.0.0.1:1", 3L, "127.0.0.1:2"));
      peers(one, Map.of(3L, "127.0.0.1:2"));
      assertThat(links(one)).containsExactly(3L);
      one.send(2, new Heartbeat(1, 1, 1)); // dropped, with a line in the log
      one.awaitLine("no address is known for node 2");
    }
  }

  @Test
  void aPeerThatHasMovedIsDialledAtItsNewAddress() {
    try (TestNode one = TestNode.started(1);
        TestNode two = TestNode.started(2)) {
      peers(two, Map.of(1L, text(one)));
      peers(one, Map.of(2L, "127.0.0.1:1"));
      one.awaitLine("cannot reach node 2");
      peers(one, Map.of(2L, text(two)));
      one.awaitLink(2);
    }
  }

  @Test
  void whoConnectsWithoutBeingKnownIsAnsweredAsLongAsItIsThere() {
    TestNode two = TestNode.started(2);
    try (TestNode one = TestNode.started(1)) {
      peers(two, Map.of(1L, text(one)));
      two.awaitLink(1);
      one.awaitLink(2); // at the address that node 2 told
      two.send(1, new Heartbeat(1, 1, 1));
      one.awaitReceived(1);
      one.send(2, new Heartbeat(1, 1, 2));
      two.awaitReceived(1);
      two.close();
      Await.until(() -> links(one).isEmpty(), () -> "links " + links(one));
    }
  }

  @Test
  void aPeerThatIsRemovedWhileItIsConnectedCanStillBeTold() {
    TestNode two = TestNode.started(2);
    try (TestNode one = TestNode.started(1)) {
      TestNode.join(one, two);
      Await.until(() -> one.link(2).receiving(), () -> "" + one.link(2));
      peers(one, Map.of());
      one.send(2, new Heartbeat(1, 1, 1));
      two.awaitReceived(1);
      peers(one, Map.of(2L, "")); // and is a peer again, where it is
      two.close();
      Await.until(() -> !one.link(2).receiving(), () -> "" + one.link(2));
      assertThat(links(one)).containsExactly(2L);
    }
  }

  @Test
  void oneGuestTooManyIsRefused() {
    TransportConfig config =
        TestNode.config(1).withLimits(new TransportLimits(16 << 20, 32 << 20, 64, 2));
    try (TestNode one = TestNode.started(config);
        RawPeer second = RawPeer.connected(one.address())) {
      RawPeer first = RawPeer.connected(one.address());
      first.send(RawPeer.hello(3, RawPeer.NO_CLUSTER, 11, 1, "127.0.0.1:1"));
      first.expectWelcome();
      second.send(RawPeer.hello(3, RawPeer.NO_CLUSTER, 12, 1, ":1"));
      second.expectWelcome();
      try (RawPeer third = RawPeer.connected(one.address())) {
        third.send(RawPeer.hello(3, RawPeer.NO_CLUSTER, 13, 1, "127.0.0.1:1"));
        assertThat(third.expectRefusal()).isEqualTo("node 13 is no peer of node 1");
      }
      assertThat(links(one)).containsExactly(11L, 12L);
      first.close();
      Await.until(() -> links(one).equals(List.of(12L)), () -> "links " + links(one));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "x", ":0", "x:", "x:99999", "a:b:1", "[::1]", "127.0.0.1:+1"})
  void whoGivesNoAddressIsNoGuest(String address) {
    try (TestNode one = TestNode.started(1);
        RawPeer nobody = RawPeer.connected(one.address())) {
      nobody.send(RawPeer.hello(3, RawPeer.NO_CLUSTER, 5, 1, address));
      assertThat(nobody.expectRefusal()).isEqualTo("node 5 is no peer of node 1");
      assertThat(links(one)).isEmpty();
    }
  }

  @Test
  void anAddressInAConfigurationThatIsNoneIsLoggedAndNotDialled() {
    try (TestNode one = TestNode.started(1)) {
      peers(one, Map.of(2L, "nonsense"));
      one.awaitLine("'nonsense' is not HOST:PORT");
      assertThat(links(one)).isEmpty();
    }
  }

  @Test
  void aPeerWhoseConnectionEndsIsGoneAfterAllThatItHadSent() {
    try (TestNode one = TestNode.started(1)) {
      one.transport.connect(2, TestNode.loopback(1));
      RawPeer peer = RawPeer.welcomed(one, 2);
      for (int i = 1; i <= 100; i++) {
        peer.send(RawPeer.encoded(new Heartbeat(1, 1, i)));
      }
      peer.close();
      Await.until(() -> one.gone.equals(List.of(2L)), () -> "" + one.gone);
      assertThat(one.received).hasSize(100);
    }
  }

  @Test
  void aPeerThatConnectsAnewOrBreaksTheProtocolIsNotGone() {
    try (TestNode one = TestNode.started(1)) {
      one.transport.connect(2, TestNode.loopback(1));
      RawPeer before = RawPeer.welcomed(one, 2);
      RawPeer after = RawPeer.welcomed(one, 2);
      before.awaitClosed();
      before.close();
      after.send(RawPeer.frame(99));
      after.awaitClosed();
      after.close();
      one.onLoop(() -> {});
      assertThat(one.gone).isEmpty();
    }
  }

  @Test
  void peersAreToldOnTheLoop() {
    try (TestNode one = TestNode.started(1)) {
      assertThatThrownBy(() -> one.transport.peers(Map.of()))
          .isInstanceOf(InvariantViolation.class);
    }
  }

  @Test
  void anAddressIsTheSameAfterATripThroughText() throws UnknownHostException {
    for (String text : List.of("localhost:1", "10.0.0.1:65535", "[::1]:7001", "a.b-c.d:80")) {
      InetSocketAddress address = PeerAddress.parse(text);
      assertThat(PeerAddress.of(address, address.getPort())).isEqualTo(text);
    }
    InetSocketAddress from = new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 5555);
    assertThat(PeerAddress.told(":7001", from))
        .isEqualTo(InetSocketAddress.createUnresolved("10.1.2.3", 7001));
    assertThat(PeerAddress.of(new InetSocketAddress("0.0.0.0", 7001), 7001)).isEqualTo(":7001");
    assertThat(PeerAddress.of(new InetSocketAddress("::", 7001), 7001)).isEqualTo(":7001");
  }
}
