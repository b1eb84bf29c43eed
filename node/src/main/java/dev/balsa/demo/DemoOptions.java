package dev.balsa.demo;

import java.nio.file.Path;

/**
 * What to show.
 *
 * @param nodes how many, from 1
 * @param seconds how long nodes are killed for, from when all are ready
 * @param seed of all that is random in the supervisor and the applications
 * @param kill whether nodes are killed
 * @param folder holds everything
 */
public record DemoOptions(int nodes, int seconds, long seed, boolean kill, Path folder) {
  /** Most nodes that fit a table and a machine. */
  public static final int NODES_MAX = 9;

  /** Checks the bounds. */
  public DemoOptions {
    if (nodes < 1 || nodes > NODES_MAX) {
      throw new IllegalArgumentException("nodes: from 1 to " + NODES_MAX + ", not " + nodes);
    }
    if (seconds < 1) {
      throw new IllegalArgumentException("seconds: from 1, not " + seconds);
    }
  }

  int quorum() {
    return nodes / 2 + 1;
  }

  Path nodeFolder(long node) {
    return folder.resolve("node" + node);
  }

  Path logFile(long node) {
    return folder.resolve("logs").resolve("node" + node + ".log");
  }

  Path acknowledgements() {
    return folder.resolve("acknowledged");
  }

  Path copies() {
    return folder.resolve("check");
  }
}
