package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The links between the nodes of a cluster: a {@link TcpProxy} for each ordered pair of them. */
public final class Network implements AutoCloseable {
  private final Map<Link, TcpProxy> proxies = new ConcurrentSkipListMap<>();
  private final Map<Long, Integer> ports = new TreeMap<>();

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

  /** Without nodes yet. */
  Network() {}

  /**
   * Adds a node, with its links from and to all others.
   *
   * @param port where it listens, at the address that it has to itself
   */
  synchronized void add(long node, int port) throws IOException {
    for (Map.Entry<Long, Integer> other : ports.entrySet()) {
      relay(new Link(other.getKey(), node), port);
      relay(new Link(node, other.getKey()), other.getValue());
    }
    ports.put(node, port);
  }

  private void relay(Link link, int port) throws IOException {
    proxies.put(
        link,
        TcpProxy.start(
            link.from() + "-" + link.to(),
            Names.address(link, port),
            Names.address(new Link(link.to(), link.to()), port)));
  }

  /** All links. */
  public List<Link> links() {
    return List.copyOf(proxies.keySet());
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
