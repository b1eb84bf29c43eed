package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A network of Linux network namespaces: each node has one to itself, and all packets between them
 * go through one that routes, whose firewall (nftables) drops or loses them. Needs root.
 *
 * <pre>
 *   harness ── 198.18.x.2 ┐
 *                         router, with one table of (from, to, port)
 *   node 1 ── 198.18.x.6 ─┤
 *   node 2 ── 198.18.x.10 ┘
 * </pre>
 *
 * <p>What happens to links is changed in one transaction of the firewall. A link is the packets
 * from a node to the port of another one; those of the same connections in the other direction pass
 * and are answers to nothing. The harness's own packets never match.
 *
 * <p>Nothing is left behind: a namespace lives as long as the process that holds it, which ends
 * with its standard input, and so with this process; its interfaces go with it.
 */
final class NamespaceNetwork implements Network {
  private static final Duration END_MAX = Duration.ofSeconds(10);
  private static final String TABLE =
      """
      table ip balsa {
        set dropped { type ipv4_addr . ipv4_addr . inet_service; }
        set refused { type ipv4_addr . ipv4_addr . inet_service; }
        set lossy { type ipv4_addr . ipv4_addr . inet_service; }
        chain pass {
          type filter hook forward priority 0; policy accept;
          ip saddr . ip daddr . tcp dport @dropped drop
          ip saddr . ip daddr . tcp dport @refused reject with tcp reset
          jump loses
        }
        chain loses { }
      }
      """;

  private final int net;
  private final Process router;
  private final Map<Long, Process> holders = new TreeMap<>();
  private final Map<Long, Integer> ports = new TreeMap<>();
  private final Map<Link, Cut> cuts = new TreeMap<>();
  private final Map<Link, Integer> lossy = new TreeMap<>();

  private NamespaceNetwork(int net, Process router) {
    this.net = net;
    this.router = router;
  }

  /**
   * A network without nodes.
   *
   * @throws IOException if this machine cannot do it
   */
  static NamespaceNetwork create() throws IOException {
    NamespaceNetwork network = new NamespaceNetwork(freeNet(), hold());
    try {
      network.connectHarness();
      return network;
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /**
   * Whether this machine can do all this: found out by doing it.
   *
   * @return why not
   */
  static Optional<String> missing() {
    try (NamespaceNetwork network = create()) {
      network.add(1, 9000);
      network.add(2, 9000);
      network.cut(network.links(), Cut.SWALLOW);
      network.cut(network.links(), Cut.RESET);
      network.lose(network.links(), 30, 0);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          "network namespaces need root, iproute2, nftables and util-linux (apt-get install iproute2"
              + " nftables): "
              + e.getMessage());
    }
  }

  /** A third byte that no address of this machine has yet, of the nets meant for such tests. */
  private static int freeNet() throws IOException {
    int net = new SplittableRandom().nextInt(256);
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InterfaceAddress address : each.getInterfaceAddresses()) {
        if (address.getAddress().getHostAddress().startsWith("198.18." + net + ".")) {
          return freeNet();
        }
      }
    }
    return net;
  }

  /** A process that does nothing but keep a new namespace. */
  private static Process hold() throws IOException {
    Process holder =
        new ProcessBuilder("unshare", "--net", "sh", "-c", "echo; exec cat")
            .redirectErrorStream(true)
            .start();
    int first = holder.getInputStream().read();
    if (first != '\n') {
      String said =
          new String(holder.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      throw new IOException((char) first + said);
    }
    return holder;
  }

  private void connectHarness() throws IOException {
    String here = "balsa" + net;
    Command.run(
        "ip", "link", "add", here, "type", "veth", "peer", "name", "harness", "netns", pid(router));
    inside(router, "ip link set lo up");
    Command.run("ip", "address", "add", ip(2) + "/30", "dev", here);
    Command.run("ip", "link", "set", here, "up");
    inside(
        router,
        "ip address add "
            + ip(1)
            + "/30 dev harness && ip link set harness up"
            + " && echo 1 >/proc/sys/net/ipv4/ip_forward");
    Command.run("ip", "route", "add", "198.18." + net + ".0/24", "via", ip(1));
    Command.run(enter(router, "nft", "-f", "-"), TABLE);
  }

  @Override
  public Kind kind() {
    return Kind.NETNS;
  }

  @Override
  public Site add(long node, int port) throws IOException {
    if (node < 1 || node > NODE_MAX || holders.containsKey(node)) {
      throw new IllegalArgumentException("node " + node + " beside " + holders.keySet());
    }
    Process holder = hold();
    holders.put(node, holder);
    String there = "node" + node;
    String gateway = ip(4 * node + 1);
    Command.run(
        enter(
            router,
            "ip",
            "link",
            "add",
            there,
            "type",
            "veth",
            "peer",
            "name",
            "net0",
            "netns",
            pid(holder)),
        "");
    inside(
        router,
        "ip address add " + gateway + "/30 dev " + there + " && ip link set " + there + " up");
    inside(
        holder,
        "ip link set lo up && ip address add "
            + host(node)
            + "/30 dev net0 && ip link set net0 up"
            + " && ip route add default via "
            + gateway);
    ports.put(node, port);
    return new Site(
        host(node) + ":" + port,
        host(node),
        List.of("nsenter", "--target", pid(holder), "--net", "--"),
        List.of());
  }

  private String ip(long last) {
    return "198.18." + net + "." + last;
  }

  private String host(long node) {
    return ip(4 * node + 2);
  }

  @Override
  public void remove(long node) throws IOException {
    cuts.keySet().removeIf(link -> link.touches(node));
    lossy.keySet().removeIf(link -> link.touches(node));
    enforce();
    ports.remove(node);
    Process holder = holders.remove(node);
    if (holder != null) {
      end(holder);
    }
  }

  @Override
  public List<Link> links() {
    List<Link> links = new ArrayList<>();
    for (long from : ports.keySet()) {
      ports.keySet().stream().filter(to -> to != from).forEach(to -> links.add(new Link(from, to)));
    }
    return links;
  }

  /** Both kinds that are silent are the same here: the sender's TCP keeps what is not answered. */
  @Override
  public void cut(Collection<Link> links, Cut how) throws IOException {
    links.forEach(link -> cuts.put(link, how));
    enforce();
  }

  @Override
  public String lose(Collection<Link> links, int percent, long seed) throws IOException {
    links.forEach(link -> lossy.put(link, percent));
    enforce();
    return percent + " % of the packets are dropped";
  }

  /** The kernel would need netem. */
  @Override
  public boolean canDelay() {
    return false;
  }

  @Override
  public void delay(Collection<Link> links, int millis, int jitterMillis, long seed) {
    throw new UnsupportedOperationException("packets cannot be delayed here");
  }

  @Override
  public void heal(Collection<Link> links) throws IOException {
    cuts.keySet().removeAll(links);
    enforce();
  }

  @Override
  public void calm(Collection<Link> links) throws IOException {
    lossy.keySet().removeAll(links);
    enforce();
  }

  /** All in one transaction. The percentage is the same for all links: the latest. */
  private void enforce() throws IOException {
    StringBuilder rules = new StringBuilder();
    fill(rules, "dropped", cuts.keySet().stream().filter(l -> cuts.get(l) != Cut.RESET).toList());
    fill(rules, "refused", cuts.keySet().stream().filter(l -> cuts.get(l) == Cut.RESET).toList());
    fill(rules, "lossy", List.copyOf(lossy.keySet()));
    rules.append("flush chain ip balsa loses\n");
    lossy.values().stream()
        .max(Integer::compare)
        .ifPresent(
            percent ->
                rules
                    .append("add rule ip balsa loses ip saddr . ip daddr . tcp dport @lossy")
                    .append(percent < 100 ? " numgen random mod 100 < " + percent : "")
                    .append(" drop\n"));
    Command.run(enter(router, "nft", "-f", "-"), rules.toString());
  }

  private void fill(StringBuilder rules, String set, List<Link> links) {
    rules.append("flush set ip balsa ").append(set).append('\n');
    for (Link link : links) {
      rules
          .append("add element ip balsa ")
          .append(set)
          .append(" { ")
          .append(host(link.from()))
          .append(" . ")
          .append(host(link.to()))
          .append(" . ")
          .append(Objects.requireNonNull(ports.get(link.to())))
          .append(" }\n");
    }
  }

  private static void inside(Process holder, String script) throws IOException {
    Command.run(enter(holder, "sh", "-c", script), "");
  }

  private static List<String> enter(Process holder, String... words) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--target", pid(holder), "--net", "--"));
    all.addAll(List.of(words));
    return all;
  }

  private static String pid(Process process) {
    return Long.toString(process.pid());
  }

  private static void end(Process holder) throws IOException {
    holder.getOutputStream().close();
    if (!Ending.of(holder, END_MAX)) {
      throw new ClusterException("the holder of a network namespace does not end");
    }
  }

  @Override
  public void close() throws IOException {
    for (Process holder : holders.values()) {
      end(holder);
    }
    end(router);
  }
}
