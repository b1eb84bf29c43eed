package dev.balsa.transport;

import dev.balsa.raft.Transport.Receiver;
import dev.balsa.raft.core.Message;
import dev.balsa.transport.Handshake.Hello;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets peers in: the listening socket, the connections that have yet to say who they are, and at
 * most one established connection from each peer. On the loop.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /** A Balsa node, but one that has no business here. */
  static final class NotWelcome extends ProtocolViolation {
    private static final long serialVersionUID = 1L;

    NotWelcome(String message) {
      super(message);
    }
  }

  private final LocalNode node;
  private final PeerLinks links;
  private final Receiver receiver;
  private final LinkCounters.Counter refused;
  private final NioServerSocketChannel listening = new NioServerSocketChannel();
  private final Set<AcceptedConnection> pending = new LinkedHashSet<>();
  private final Map<Long, AcceptedConnection> established = new HashMap<>();

  Acceptor(LocalNode node, PeerLinks links, Receiver receiver, LinkCounters.Counter refused) {
    this.node = node;
    this.links = links;
    this.receiver = receiver;
    this.refused = refused;
    listening.config().setOption(ChannelOption.SO_REUSEADDR, true);
    listening.pipeline().addLast(this);
  }

  /**
   * Starts listening; not called on the loop.
   *
   * @return where
   * @throws TransportException if that is impossible
   */
  InetSocketAddress listen(InetSocketAddress at) {
    Throwable failure = node.loop.register(listening).awaitUninterruptibly().cause();
    if (failure == null) {
      failure = listening.bind(at).awaitUninterruptibly().cause();
    }
    if (failure != null) {
      throw new TransportException(
          "Node %d cannot listen on %s:%d: %s."
              .formatted(node.id(), at.getHostString(), at.getPort(), failure.getMessage()),
          failure);
    }
    return address();
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return listening.localAddress();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel channel = (Channel) message;
    AcceptedConnection connection = new AcceptedConnection(node, channel, this);
    node.prepare(channel, connection);
    pending.add(connection);
    if (pending.size() > node.config.limits().pendingHandshakesMax()) {
      pending
          .iterator()
          .next()
          .end(Ending.violation("no handshake yet, and too many others are waiting"));
    }
    LocalNode.unawaited(
        node.loop
            .register(channel)
            .addListener(
                registered -> {
                  if (!registered.isSuccess()) {
                    connection.end(Ending.network(registered.cause()));
                  }
                }));
  }

  /** Accepting failed, most likely for want of file descriptors: not again and again at once. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    node.limitedLog.warn("accept", "cannot accept a connection: " + thrown.getMessage());
    listening.config().setAutoRead(false);
    LocalNode.unawaited(
        node.after(PAUSE_AFTER_FAILURE, () -> listening.config().setAutoRead(true)));
  }

  /** Whether the sender of a hello is a peer that means this node. */
  void check(Hello hello, @Nullable SocketAddress from) throws NotWelcome {
    if (hello.expected() != node.id()) {
      throw new NotWelcome(
          "node %d looks for node %d, and this is node %d; is the address right?"
              .formatted(hello.sender(), hello.expected(), node.id()));
    }
    if (!links.admits(hello, from)) {
      throw new NotWelcome("node %d is no peer of node %d".formatted(hello.sender(), node.id()));
    }
  }

  /** A peer has said who it is. A newer connection is that of a restarted peer: it counts. */
  void established(AcceptedConnection connection) {
    pending.remove(connection);
    AcceptedConnection before = established.put(connection.peer(), connection);
    if (before != null) {
      before.end(Ending.closedHere("a newer connection takes its place"));
    }
    PeerLink link = links.arrived(connection.peer(), connection.address(), connection.from());
    link.counters().accepts.add(1);
    link.counters().receiving.add(1);
    link.peerIsThere();
  }

  /** Whether that node is connected to this one. */
  boolean isHere(long peer) {
    return established.containsKey(peer);
  }

  /** A message has come in. */
  void received(AcceptedConnection connection, Message message, int frameBytes) {
    PeerLink link = links.get(connection.peer());
    if (link != null) {
      link.counters().messagesIn.add(1);
      link.counters().bytesIn.add(frameBytes);
    }
    node.guarded(() -> receiver.received(connection.peer(), message));
  }

  /** A connection is over. */
  void ended(AcceptedConnection connection, Ending why) {
    SocketAddress from = connection.from();
    String name = connection.peer() == 0 ? "" : " (node %d)".formatted(connection.peer());
    if (why.isViolation()) {
      refused.add(1);
      String host = from instanceof InetSocketAddress ip ? ip.getHostString() : "";
      node.limitedLog.warn(
          host + why.text(),
          "closed the connection from %s%s: %s".formatted(from, name, why.text()));
    } else {
      node.logger.debug("the connection from {}{} is over: {}", from, name, why.text());
    }
    pending.remove(connection);
    if (connection.established()) {
      PeerLink link = links.get(connection.peer());
      if (link != null) {
        link.counters().receiving.add(-1);
      }
      if (established.remove(connection.peer(), connection)) {
        links.left(connection.peer());
        if (why.cause() == Ending.Cause.GONE) {
          node.guarded(() -> receiver.gone(connection.peer()));
        }
      }
    }
  }

  /** All established connections. */
  List<AcceptedConnection> established() {
    return List.copyOf(established.values());
  }

  /** Stops listening and closes everything. */
  void close() {
    LocalNode.unawaited(listening.close());
    List<AcceptedConnection> all = new ArrayList<>(pending);
    all.addAll(established.values());
    all.forEach(each -> each.end(Ending.closedHere("this node stops")));
  }
}
