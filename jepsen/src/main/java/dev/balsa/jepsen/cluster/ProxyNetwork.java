package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A network of proxies in this process: a {@link TcpProxy} for each link. Needs no privileges. Each
 * node finds its own proxies by {@link Names}.
 */
final class ProxyNetwork implements Network {
  private final Path hosts;
  private final Map<Link, TcpProxy> proxies = new ConcurrentSkipListMap<>();
  private final Map<Long, Integer> ports = new TreeMap<>();

  /**
   * Without nodes yet.
   *
   * @param hosts a folder for the nodes' hosts files
   */
  ProxyNetwork(Path hosts) {
    this.hosts = hosts;
  }

  @Override
  public Kind kind() {
    return Kind.PROXY;
  }

  @Override
  public Site add(long node, int port) throws IOException {
    for (Map.Entry<Long, Integer> other : ports.entrySet()) {
      relay(new Link(other.getKey(), node), port);
      relay(new Link(node, other.getKey()), other.getValue());
    }
    ports.put(node, port);
    return new Site(
        Names.of(node) + ":" + port,
        "127.0.0.1",
        List.of(),
        List.of(Names.hostsOption(node, hosts)));
  }

  private void relay(Link link, int port) throws IOException {
    proxies.put(
        link,
        TcpProxy.start(
            link.from() + "-" + link.to(),
            Names.address(link, port),
            Names.address(new Link(link.to(), link.to()), port)));
  }

  @Override
  public void remove(long node) throws IOException {
    ports.remove(node);
    for (Link link : links()) {
      if (link.touches(node)) {
        proxy(link).close();
        proxies.remove(link);
      }
    }
  }

  @Override
  public List<Link> links() {
    return List.copyOf(proxies.keySet());
  }

  @Override
  public void cut(Collection<Link> links, Cut how) {
    links.forEach(link -> proxy(link).cut(how));
  }

  @Override
  public void heal(Collection<Link> links) {
    for (Link link : links) {
      TcpProxy proxy = proxies.get(link);
      if (proxy != null) {
        proxy.heal();
      }
    }
  }

  /** No packet can be lost: TCP would send it again, and what is seen is the delay of that. */
  @Override
  public String lose(Collection<Link> links, int percent, long seed) {
    for (Link link : links) {
      proxy(link).disturb(Disturbance.stalls(percent, seed ^ link.hashCode()));
    }
    return percent
        + " % of what is read from links stalls as if it had to be sent again, and now and then a"
        + " connection is reset (proxies lose no packets)";
  }

  @Override
  public boolean canDelay() {
    return true;
  }

  @Override
  public void delay(Collection<Link> links, int millis, int jitterMillis, long seed) {
    for (Link link : links) {
      proxy(link).disturb(Disturbance.delay(millis, jitterMillis, seed ^ link.hashCode()));
    }
  }

  @Override
  public void calm(Collection<Link> links) {
    for (Link link : links) {
      TcpProxy proxy = proxies.get(link);
      if (proxy != null) {
        proxy.disturb(null);
      }
    }
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
