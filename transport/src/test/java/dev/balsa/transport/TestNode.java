package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Transport;
import dev.balsa.raft.core.Message;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;

/**
 * A transport on a free loopback port, with everything that it received, logged or could not catch.
 */
final class TestNode implements AutoCloseable {
  record Received(long from, Message message) {}

  static final TransportTimeouts TIMEOUTS =
      new TransportTimeouts(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofMillis(1),
          Duration.ofMillis(20));

  final long id;
  final RecordingLogger log = new RecordingLogger();
  final List<Received> received = new CopyOnWriteArrayList<>();
  final List<Long> gone = new CopyOnWriteArrayList<>();
  final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
  final TcpTransport transport;

  TestNode(TransportConfig config, HostResolver resolver) {
    id = config.nodeId();
    transport =
        new TcpTransport(
            config.withUncaught((thread, thrown) -> uncaught.add(thrown)), resolver, log);
  }

  static TransportConfig config(long id) {
    return TransportConfig.of(id, loopback(0), Map.of()).withTimeouts(TIMEOUTS);
  }

  /** A started node without peers. */
  static TestNode started(long id) {
    return started(config(id));
  }

  static TestNode started(long id, Map<Long, InetSocketAddress> peers) {
    return started(TransportConfig.of(id, loopback(0), peers).withTimeouts(TIMEOUTS));
  }

  static TestNode started(TransportConfig config) {
    TestNode node = new TestNode(config, HostResolver.system());
    node.transport.start(
        new Transport.Receiver() {
          @Override
          public void received(long from, Message message) {
            node.received.add(new Received(from, message));
          }

          @Override
          public void gone(long peer) {
            node.gone.add(peer);
          }
        });
    return node;
  }

  /** Makes all nodes peers of each other, and waits until every link is open. */
  static void join(TestNode... nodes) {
    for (TestNode node : nodes) {
      for (TestNode other : nodes) {
        if (node != other) {
          node.transport.connect(other.id, other.address());
        }
      }
    }
    for (TestNode node : nodes) {
      for (TestNode other : nodes) {
        if (node != other) {
          node.awaitLink(other.id);
        }
      }
    }
  }

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  InetSocketAddress address() {
    return transport.listenAddress();
  }

  LinkStatus link(long peer) {
    return transport.status().link(peer);
  }

  void awaitLink(long peer) {
    Await.until(
        () ->
            transport.status().links().stream()
                .anyMatch(link -> link.peer() == peer && link.sending()),
        () -> "no link from " + id + " to " + peer + ": " + log.lines());
  }

  void awaitReceived(int count) {
    Await.until(
        () -> received.size() >= count,
        () -> received.size() + " of " + count + " messages; " + transport.status() + log.lines());
  }

  void awaitLine(String text) {
    Await.until(() -> !log.linesWith(text).isEmpty(), () -> text + " in " + log.lines());
  }

  /** Runs something on the loop and waits for it. */
  void onLoop(Runnable work) {
    try {
      transport.loop().submit(work).get();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    } catch (ExecutionException failed) {
      throw new AssertionError(failed.getCause());
    }
  }

  void send(long to, Message message) {
    onLoop(() -> transport.send(to, message));
  }

  /** Once all nodes are closed, every buffer must have been given back. */
  static void assertNoBufferIsHeld() {
    assertThat(LocalNode.buffersHeld()).isZero();
  }

  @Override
  public void close() {
    transport.close();
  }
}
