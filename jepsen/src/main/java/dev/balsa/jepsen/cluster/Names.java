package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Names of nodes that mean another address to each of them, so that each dials the others by its
 * own proxies, while the cluster knows one address of each member, as in earnest. A node's JVM is
 * given a hosts file of its own ({@code jdk.net.hosts.file}). The addresses are of 127.0.0.0/8, of
 * which Linux takes all for its own.
 */
final class Names {
  /** As many nodes as a cluster may ever have had. */
  private static final int NODES_MAX = 100;

  private Names() {}

  /** The name of a node. */
  static String of(long node) {
    return "node" + node;
  }

  /** Where a node finds another one, or itself; the name stands for the same. */
  static InetSocketAddress address(Network.Link link, int port) {
    return new InetSocketAddress(ip(link.from(), link.to()), port);
  }

  private static String ip(long from, long to) {
    return "127.1." + from + "." + to;
  }

  /**
   * Writes a node's hosts file.
   *
   * @return the option for its JVM
   */
  static String hostsOption(long node, Path folder) throws IOException {
    if (node > NODES_MAX) {
      throw new IOException("a cluster has had " + NODES_MAX + " nodes, and gets no more");
    }
    List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
    // Libraries ask for the machine's own name.
    lines.add("127.0.0.1 " + hostName());
    for (long other = 1; other <= NODES_MAX; other++) {
      lines.add(ip(node, other) + " " + of(other));
    }
    Path file = folder.resolve(of(node) + ".hosts");
    Files.write(file, lines);
    return "-Djdk.net.hosts.file=" + file.toAbsolutePath();
  }

  private static String hostName() {
    try {
      return java.net.InetAddress.getLocalHost().getHostName();
    } catch (java.net.UnknownHostException e) {
      return "localhost";
    }
  }
}
