package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.Heartbeat;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TcpTransportTest {
  @Test
  void threeNodesExchangeMessagesInOrder() {
    try (TestNode one = TestNode.started(1);
        TestNode two = TestNode.started(2);
        TestNode three = TestNode.started(3)) {
      TestNode.join(one, two, three);
      List<TestNode> nodes = List.of(one, two, three);
      int count = 2_000;
      for (TestNode node : nodes) {
        node.onLoop(
            () -> {
              for (int i = 0; i < count; i++) {
                for (TestNode other : nodes) {
                  if (other != node) {
                    node.transport.send(other.id, new Heartbeat(node.id, other.id, i));
                  }
                }
              }
            });
      }
      for (TestNode node : nodes) {
        node.awaitReceived(2 * count);
        for (TestNode other : nodes) {
          if (other != node) {
            assertThat(
                    node.received.stream()
                        .filter(each -> each.from() == other.id)
                        .map(TestNode.Received::message)
                        .toList())
                .isEqualTo(
                    IntStream.range(0, count)
                        .<Message>mapToObj(i -> new Heartbeat(other.id, node.id, i))
                        .toList());
          }
        }
        assertThat(node.uncaught).isEmpty();
      }
    }
  }

  @Test
  void anAddressInUseIsRefusedWithOneSentence() {
    try (TestNode one = TestNode.started(1)) {
      TransportConfig taken = TransportConfig.of(2, one.address(), Map.of());
      TestNode two = new TestNode(taken, HostResolver.system());
      assertThatThrownBy(() -> two.transport.start((from, message) -> {}))
          .isInstanceOf(TransportException.class)
          .hasMessage(
              "Node 2 cannot listen on %s:%d: Address already in use.",
              one.address().getHostString(), one.address().getPort());
    }
  }

  @Test
  void anAddressInUseLeavesNoThread() {
    try (TestNode one = TestNode.started(1)) {
      TestNode two =
          new TestNode(TransportConfig.of(2, one.address(), Map.of()), HostResolver.system());
      assertThatThrownBy(() -> two.transport.start((from, message) -> {}))
          .isInstanceOf(TransportException.class);
      assertThat(threads("balsa-loop-2")).isEmpty();
    }
  }

  @Test
  void aListenAddressThatDoesNotExistIsRefusedWithOneSentence() {
    InetSocketAddress nowhere = InetSocketAddress.createUnresolved("no-such-host.invalid", 7001);
    TestNode node = new TestNode(TransportConfig.of(1, nowhere, Map.of()), HostResolver.system());
    assertThatThrownBy(() -> node.transport.start((from, message) -> {}))
        .isInstanceOf(TransportException.class)
        .hasMessage(
            "Node 1 cannot listen on no-such-host.invalid:7001: unknown host"
                + " no-such-host.invalid.");
  }

  @Test
  void whatTheReceiverThrowsGoesToTheHandlerAndTheNextMessageIsDelivered() {
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    List<Message> received = new CopyOnWriteArrayList<>();
    TransportConfig config =
        TestNode.config(1).withUncaught((thread, thrown) -> uncaught.add(thrown));
    Error thrown = new InvariantViolation("for the test");
    try (TcpTransport one = new TcpTransport(config);
        TestNode two = TestNode.started(2)) {
      one.start(
          (from, message) -> {
            received.add(message);
            if (received.size() == 1) {
              throw thrown;
            }
          });
      one.connect(2, two.address());
      two.transport.connect(1, one.listenAddress());
      two.awaitLink(1);
      two.onLoop(
          () -> {
            two.transport.send(1, new Heartbeat(1, 1, 1));
            two.transport.send(1, new Heartbeat(1, 1, 2));
          });
      Await.until(() -> received.size() == 2, received::toString);
      assertThat(uncaught).containsExactly(thrown);
      assertThat(two.link(1).connects()).isEqualTo(1);
    }
  }

  @Test
  void whatATaskThrowsGoesToTheHandlerEvenIfTheHandlerThrows() {
    AtomicInteger handled = new AtomicInteger();
    TransportConfig config =
        TestNode.config(1)
            .withUncaught(
                (thread, thrown) -> {
                  handled.incrementAndGet();
                  throw new IllegalStateException("the handler is broken, for the test");
                });
    try (TcpTransport one = new TcpTransport(config)) {
      one.loop()
          .execute(
              () -> {
                throw new InvariantViolation("for the test");
              });
      one.loop().execute(handled::incrementAndGet);
      Await.until(() -> handled.get() == 2, () -> "handled " + handled);
    }
  }

  @Test
  void closingLeavesNoThreadAndNoOpenConnection() {
    TestNode one = TestNode.started(1);
    try (TestNode two = TestNode.started(2)) {
      TestNode.join(one, two);
      RawPeer idler = RawPeer.connected(one.address());
      one.close();
      assertThat(threads("balsa-loop-1")).isEmpty();
      idler.awaitClosed();
      idler.close();
      two.awaitLine("lost the connection to node 1");
      assertThat(one.link(2).sending()).isFalse();
      assertThat(one.link(2).receiving()).isFalse();
      one.close(); // again: nothing happens
    }
    assertThat(one.uncaught).isEmpty();
    assertThat(threads("globalEventExecutor")).isEmpty();
  }

  @Test
  void aTransportThatNeverStartedCanBeClosed() {
    TestNode node = new TestNode(TestNode.config(1), HostResolver.system());
    node.close();
    assertThat(threads("balsa-loop-1")).isEmpty();
    assertThatThrownBy(() -> node.transport.start((from, message) -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void misuseIsRefused() {
    try (TestNode node = TestNode.started(1)) {
      assertThatThrownBy(() -> node.transport.send(2, new Heartbeat(1, 1, 1)))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> node.transport.clusterId(UUID.randomUUID()))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> node.onLoop(node.transport::close))
          .hasRootCauseInstanceOf(IllegalStateException.class);
      node.onLoop(() -> node.transport.clusterId(new UUID(1, 2)));
      node.onLoop(() -> node.transport.clusterId(new UUID(1, 2)));
      assertThatThrownBy(() -> node.onLoop(() -> node.transport.clusterId(new UUID(3, 4))))
          .hasRootCauseInstanceOf(InvariantViolation.class);
    }
  }

  @Test
  void aMessageAboveTheLimitsIsADefectOfItsSender() {
    TransportLimits small = new TransportLimits(2 << 20, 4 << 20, 8, 2);
    byte[] payload = new byte[Entry.PAYLOAD_BYTES_MAX];
    Message tooLarge =
        new Message.AppendRequest(
            1,
            0,
            0,
            0,
            List.of(
                new Entry(1, 1, EntryType.COMMAND, payload),
                new Entry(2, 1, EntryType.COMMAND, payload)));
    try (TestNode one = TestNode.started(TestNode.config(1).withLimits(small))) {
      one.transport.connect(2, TestNode.loopback(1));
      assertThatThrownBy(() -> one.send(2, tooLarge))
          .hasRootCauseInstanceOf(InvariantViolation.class)
          .hasStackTraceContaining("above the limits of the transport");
    }
  }

  private static List<String> threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }
}
