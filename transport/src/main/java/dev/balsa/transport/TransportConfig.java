package dev.balsa.transport;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import org.slf4j.LoggerFactory;

/**
 * What a node's transport needs to know.
 *
 * @param nodeId this node, above 0
 * @param listen where to accept peers; port 0 takes a free one
 * @param peers where to dial each other node. A host name is resolved anew at each attempt, also
 *     where the address comes resolved already.
 * @param advertised where others dial this node, as {@code host:port}: told to nodes that do not
 *     know it. Empty for the address where it listens.
 * @param limits bounds on memory
 * @param timeouts how long to wait for what
 * @param uncaught takes whatever the receiver, or a task given to the loop's {@code execute},
 *     throws, and every other defect on the loop; called on the loop, which goes on afterwards
 */
public record TransportConfig(
    long nodeId,
    InetSocketAddress listen,
    Map<Long, InetSocketAddress> peers,
    String advertised,
    TransportLimits limits,
    TransportTimeouts timeouts,
    Thread.UncaughtExceptionHandler uncaught) {

  /** Checks the bounds. */
  public TransportConfig {
    if (nodeId < 1 || peers.keySet().stream().anyMatch(id -> id < 1)) {
      throw new IllegalArgumentException("node ids are numbers from 1");
    }
    if (peers.containsKey(nodeId)) {
      throw new IllegalArgumentException("node " + nodeId + " is no peer of itself");
    }
    Objects.requireNonNull(listen);
    Objects.requireNonNull(limits);
    Objects.requireNonNull(timeouts);
    Objects.requireNonNull(uncaught);
    if (!advertised.isEmpty()) {
      InetSocketAddress checked = PeerAddress.parse(advertised);
      Objects.requireNonNull(checked);
    }
    peers = Map.copyOf(peers);
  }

  /** The defaults; what nobody caught is logged as an error. */
  public static TransportConfig of(
      long nodeId, InetSocketAddress listen, Map<Long, InetSocketAddress> peers) {
    return new TransportConfig(
        nodeId,
        listen,
        peers,
        "",
        TransportLimits.DEFAULT,
        TransportTimeouts.DEFAULT,
        (thread, thrown) ->
            LoggerFactory.getLogger(TcpTransport.class)
                .error("uncaught on {}", thread.getName(), thrown));
  }

  /** The same, known to others by that address. */
  public TransportConfig withAdvertised(String other) {
    return new TransportConfig(nodeId, listen, peers, other, limits, timeouts, uncaught);
  }

  /** The same with other bounds. */
  public TransportConfig withLimits(TransportLimits other) {
    return new TransportConfig(nodeId, listen, peers, advertised, other, timeouts, uncaught);
  }

  /** The same with other timeouts. */
  public TransportConfig withTimeouts(TransportTimeouts other) {
    return new TransportConfig(nodeId, listen, peers, advertised, limits, other, uncaught);
  }

  /** The same with another handler of what nobody caught. */
  public TransportConfig withUncaught(Thread.UncaughtExceptionHandler other) {
    return new TransportConfig(nodeId, listen, peers, advertised, limits, timeouts, other);
  }
}
