package dev.balsa.cli;

import dev.balsa.demo.FreePorts;
import dev.balsa.fsm.Session;
import dev.balsa.node.BalsaConfig;
import dev.balsa.node.BalsaNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * Runs a cluster of two for a moment, so that the classes which a node needs are loaded: the script
 * {@code balsa} has the JVM archive them.
 */
@Command(name = "warm-up", hidden = true, description = "Loads the classes of a node.")
public final class WarmUpCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Called by picocli. */
  public WarmUpCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("balsa-warm-up-");
    try {
      List<Integer> ports = FreePorts.find(2);
      try (BalsaNode one = BalsaNode.start(config(folder, 1, ports));
          BalsaNode two = BalsaNode.start(config(folder, 2, ports))) {
        boolean ready = one.awaitReady(PATIENCE) && two.awaitReady(PATIENCE);
        BalsaNode leader = one.status().isLeader() ? one : two;
        if (ready && leader.awaitLeading(PATIENCE)) {
          try (Session session = leader.session("warm-up")) {
            session.execute("CREATE TABLE entries(id INTEGER)");
            for (int i = 0; i < 10; i++) {
              int id = i;
              session.transaction(
                  open -> open.execute("INSERT INTO entries VALUES (?)", id).changes());
            }
          }
        }
      }
      return ExitCode.OK;
    } finally {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  private static BalsaConfig config(Path folder, int id, List<Integer> ports) {
    int peer = 3 - id;
    return BalsaConfig.builder()
        .nodeId(id)
        .dataFolder(folder.resolve("node" + id))
        .listen("127.0.0.1:" + ports.get(id - 1))
        .peer(peer, "127.0.0.1:" + ports.get(peer - 1))
        .build();
  }
}
