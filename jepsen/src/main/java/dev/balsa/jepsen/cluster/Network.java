package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The links between the nodes of a cluster: a {@link TcpProxy} for each ordered pair of them. */
public final class Network implements AutoCloseable {
  private final Map<Link, TcpProxy> proxies = new TreeMap<>();

  /**
   * The link by which a node sends to another one.
   *
   * @param from the node that dials
   * @param to the node that accepts
   */
  public record Link(long from, long to) implements Comparable<Link> {
    @Override
    public int compareTo(Link other) {
      int order = Long.compare(from, other.from);
      return order != 0 ? order : Long.compare(to, other.to);
    }
  }

  private Network() {}

  /**
   * Starts all proxies.
   *
   * @param nodes where each node listens
   */
  public static Network start(Map<Long, InetSocketAddress> nodes) throws IOException {
    Network network = new Network();
    for (long from : nodes.keySet()) {
      for (Map.Entry<Long, InetSocketAddress> to : nodes.entrySet()) {
        if (from != to.getKey()) {
          network.proxies.put(
              new Link(from, to.getKey()), TcpProxy.start(from + "-" + to.getKey(), to.getValue()));
        }
      }
    }
    return network;
  }

  /** Where a node has to dial a peer. */
  public InetSocketAddress address(Link link) {
    return proxy(link).address();
  }

  /** Cuts links. */
  public void cut(Collection<Link> links, Cut how) {
    links.forEach(link -> proxy(link).cut(how));
  }

  /** Cuts a node off from all others, in both directions. */
  public void isolate(long node, Cut how) {
    cut(
        proxies.keySet().stream().filter(link -> link.from() == node || link.to() == node).toList(),
        how);
  }

  /** Heals all links. */
  public void heal() {
    proxies.values().forEach(TcpProxy::heal);
  }

  private TcpProxy proxy(Link link) {
    return Objects.requireNonNull(proxies.get(link), "no link " + link);
  }

  @Override
  public void close() throws IOException {
    for (TcpProxy proxy : proxies.values()) {
      proxy.close();
    }
  }
}
