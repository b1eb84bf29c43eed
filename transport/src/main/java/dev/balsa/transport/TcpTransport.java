package dev.balsa.transport;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Transport;
import dev.balsa.raft.core.Message;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raft's messages over TCP. One thread, the loop, does everything: it accepts and dials, reads and
 * writes, and Raft runs on it. See this package's description.
 *
 * <p>Each node dials each peer for what it sends, and receives on the connections that it accepts.
 * Messages to one peer arrive in order or not at all, as long as one connection lasts.
 */
public final class TcpTransport implements Transport {
  /** The version of the protocol between nodes. Nodes of different versions refuse each other. */
  public static final int PROTOCOL_VERSION = Handshake.VERSION;

  /** Bound on the entries of one message. Sending more is a defect. */
  public static final int MESSAGE_ENTRIES_MAX = MessageCodec.ENTRIES_MAX;

  private enum Phase {
    NEW,
    STARTED,
    CLOSED
  }

  private final LocalNode node;
  private final ExecutorService resolving;
  private final PeerLinks links;
  private final LinkCounters.Counter refused = new LinkCounters.Counter();
  private final Object phaseLock = new Object();
  private Phase phase = Phase.NEW;
  private volatile @Nullable Acceptor acceptor;
  private volatile @Nullable InetSocketAddress listening;

  /** Creates the loop; nothing is sent or received before {@link #start}. */
  public TcpTransport(TransportConfig config) {
    this(config, HostResolver.system(), LoggerFactory.getLogger(TcpTransport.class));
  }

  TcpTransport(TransportConfig config, HostResolver resolver, Logger logger) {
    node = new LocalNode(config, logger);
    resolving =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "balsa-resolver-" + config.nodeId());
              thread.setDaemon(true);
              return thread;
            });
    links = new PeerLinks(node, resolver, resolving);
  }

  @Override
  public ScheduledExecutorService loop() {
    return node.loop;
  }

  /**
   * Starts listening and connecting. Not to be called on the loop.
   *
   * @throws TransportException if it is not possible to listen at the configured address; the
   *     transport is closed then
   */
  @Override
  public void start(Receiver receiver) {
    offLoop("start");
    synchronized (phaseLock) {
      if (phase != Phase.NEW) {
        throw new IllegalStateException("the transport of node " + node.id() + " is " + phase);
      }
      phase = Phase.STARTED;
    }
    Acceptor accepting = new Acceptor(node, links, receiver, refused);
    acceptor = accepting;
    try {
      listening = accepting.listen(resolvedListenAddress());
    } catch (TransportException impossible) {
      close();
      throw impossible;
    }
    node.advertise(accepting.address());
    node.logger.info("node {} listens on {}", node.id(), listening);
    long lookNanos = node.config.timeouts().idle().toNanos() / LocalNode.LOOKS_PER_IDLE_TIMEOUT;
    node.loop.execute(
        () -> {
          links.start();
          LocalNode.unawaited(
              node.loop.scheduleWithFixedDelay(
                  () -> node.guarded(this::look), lookNanos, lookNanos, TimeUnit.NANOSECONDS));
        });
  }

  private InetSocketAddress resolvedListenAddress() {
    InetSocketAddress configured = node.config.listen();
    if (!configured.isUnresolved()) {
      return configured;
    }
    InetSocketAddress resolved =
        new InetSocketAddress(configured.getHostString(), configured.getPort());
    if (resolved.isUnresolved()) {
      String host = configured.getHostString();
      throw new TransportException(
          "Node %d cannot listen on %s:%d: unknown host %s."
              .formatted(node.id(), host, configured.getPort(), host),
          new UnknownHostException(host));
    }
    return resolved;
  }

  private void look() {
    links.all().forEach(PeerLink::look);
    Acceptor accepting = acceptor;
    if (accepting != null) {
      accepting.established().forEach(Connection::look);
    }
  }

  /**
   * Where the transport listens: with the port that it was given if any was asked for.
   *
   * @throws IllegalStateException before {@link #start}
   */
  public InetSocketAddress listenAddress() {
    InetSocketAddress address = listening;
    if (address == null) {
      throw new IllegalStateException("the transport of node " + node.id() + " does not listen");
    }
    return address;
  }

  /**
   * Adds a peer, or dials one elsewhere from now on. On any thread; done on the loop.
   *
   * @param peer its node id
   * @param address where to dial it
   */
  public void connect(long peer, InetSocketAddress address) {
    if (peer < 1 || peer == node.id()) {
      throw new IllegalArgumentException("node " + peer + " is no peer of node " + node.id());
    }
    node.loop.execute(() -> links.connect(peer, address));
  }

  /**
   * {@inheritDoc}
   *
   * <p>An address is {@code host:port} or {@code [ipv6]:port}. One that is none is logged, and as
   * good as empty.
   */
  @Override
  public void peers(Map<Long, String> addresses) {
    Acceptor accepting = acceptor;
    Invariant.check(
        accepting == null || node.loop.inEventLoop(), "peers are told outside of the loop");
    links.replaceAll(addresses, peer -> accepting != null && accepting.isHere(peer));
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.balsa.raft.InvariantViolation if the message is larger than {@link
   *     TransportLimits#frameBytesMax} or has more than {@link #MESSAGE_ENTRIES_MAX} entries
   */
  @Override
  public void send(long to, Message message) {
    Invariant.check(node.loop.inEventLoop(), "a message is sent outside of the loop");
    PeerLink link = links.get(to);
    if (link == null) {
      node.limitedLog.warn("unknown " + to, "no address is known for node " + to);
      return;
    }
    link.send(message);
  }

  @Override
  public void clusterId(UUID clusterId) {
    if (clusterId.equals(Handshake.UNKNOWN_CLUSTER)) {
      throw new IllegalArgumentException("a cluster id of zeros stands for one that is not known");
    }
    Acceptor accepting = acceptor;
    Invariant.check(
        accepting == null || node.loop.inEventLoop(), "the cluster id is told outside of the loop");
    UUID before = node.clusterId();
    if (before.equals(clusterId)) {
      return;
    }
    Invariant.check(
        before.equals(Handshake.UNKNOWN_CLUSTER),
        "the cluster id changes from %s to %s",
        before,
        clusterId);
    node.clusterId(clusterId);
    links.all().forEach(PeerLink::clusterLearned);
    if (accepting != null) {
      accepting.established().forEach(Connection::clusterLearned);
    }
  }

  /** What is connected, and what was sent, received and dropped. On any thread. */
  public TransportStatus status() {
    return new TransportStatus(
        links.all().stream().map(link -> link.counters().status(link.peer())).toList(),
        refused.get());
  }

  /**
   * {@inheritDoc} Not to be called on the loop. Closing again does nothing. A thread that waits for
   * the system to resolve a host name cannot be ended; it ends with the answer.
   */
  @Override
  public void close() {
    offLoop("close");
    synchronized (phaseLock) {
      if (phase == Phase.CLOSED) {
        return;
      }
      phase = Phase.CLOSED;
    }
    node.loop.execute(
        () -> {
          links.all().forEach(PeerLink::close);
          Acceptor accepting = acceptor;
          if (accepting != null) {
            accepting.close();
          }
        });
    node.loop.end();
    resolving.shutdownNow();
  }

  private void offLoop(String what) {
    if (node.loop.inEventLoop()) {
      throw new IllegalStateException(what + " would wait for the loop, on the loop");
    }
  }
}
