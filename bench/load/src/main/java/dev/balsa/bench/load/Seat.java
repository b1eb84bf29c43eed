package dev.balsa.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's place among the nodes of its cluster, as its process is told it on the command line: its
 * number from 1, its folder, and the ports of all nodes in order.
 *
 * @param node its number
 * @param folder for its files; it is there
 * @param ports on the loopback address, one a node
 */
public record Seat(int node, Path folder, List<Integer> ports) {
  /** Reads {@link #toArguments}. */
  public static Seat parse(String... arguments) {
    List<Integer> ports = new ArrayList<>();
    for (int i = 2; i < arguments.length; i++) {
      ports.add(Integer.valueOf(arguments[i]));
    }
    return new Seat(Integer.parseInt(arguments[0]), Path.of(arguments[1]), List.copyOf(ports));
  }

  /** As arguments of a process. */
  public List<String> toArguments() {
    List<String> arguments = new ArrayList<>(List.of(Integer.toString(node), folder.toString()));
    ports.forEach(port -> arguments.add(port.toString()));
    return arguments;
  }

  /** A node's address. */
  public InetSocketAddress address(int ofNode) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(ofNode - 1));
  }
}
