package dev.balsa.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Ports on the loopback address for nodes that come and go. They are below the range from which the
 * system takes ports for outgoing connections: else a peer that dials a node that is down might be
 * given that very port as its own, and the node could not come back.
 */
public final class FreePorts {
  private static final int LOWEST = 12_000;
  private static final Path EPHEMERAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private FreePorts() {}

  /**
   * Finds ports that are free now.
   *
   * @throws IOException if there are not that many
   */
  public static List<Integer> find(int count) throws IOException {
    int highest = lowestEphemeral() - 1;
    SplittableRandom random = new SplittableRandom();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int tries = 0; held.size() < count && tries < 1000 * count; tries++) {
        int port = LOWEST + random.nextInt(highest - LOWEST);
        try {
          held.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
        } catch (IOException e) {
          // Taken: another one is tried.
        }
      }
      if (held.size() < count) {
        throw new IOException("no " + count + " free ports from " + LOWEST + " to " + highest);
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  private static int lowestEphemeral() {
    // By lines: files in /proc have no size, and some systems answer a read of all bytes short.
    try (BufferedReader file = Files.newBufferedReader(EPHEMERAL)) {
      String range = String.valueOf(file.readLine());
      int lowest = Integer.parseInt(range.trim().split("\\s+", -1)[0]);
      return lowest > LOWEST + 1000 ? lowest : 65_535;
    } catch (IOException | NumberFormatException e) {
      return 32_768; // not Linux: macOS and Windows begin at 49152
    }
  }
}
