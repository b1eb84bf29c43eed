package dev.balsa.cli;

import dev.balsa.node.BalsaNode;
import dev.balsa.node.ConfigFile;
import dev.balsa.node.NodeStartException;
import dev.balsa.sqlite.SqliteLibrary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code balsa node}. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    versionProvider = BalsaCommand.Version.class,
    description = {
      "Runs one node until it is told to stop (SIGTERM or Ctrl-C), and closes it in good order.",
      "",
      "Keys of the configuration file:",
      "  node.id              this node's id, from 1 (needed)",
      "  data.folder          everything that the node keeps (needed)",
      "  listen               HOST:PORT for its peers (needed)",
      "  peer.N               HOST:PORT of the node with id N, one line for each peer",
      "  cluster.id           a UUID; made by the first leader if absent",
      "  status.listen        HOST:PORT of the status page; none if absent",
      "  heartbeat.ms         100 if absent",
      "  election.timeout.ms  600 if absent",
      "  lease.clock.ratio    from 1 to 2, on all nodes: reads by lease; none if absent",
      "  joining              true on a node that is to be added to a running cluster",
      "  checkpoint.frames    pages from one checkpoint to the next; 1000 if absent",
      "  log.segment.bytes    size of the log's files; 67108864 if absent",
      "  log.retained.bytes   of the log, kept beyond what is needed; 67108864 if absent",
      "  scrub.period.s       every page is read once in that time: a week if absent, 0 for never",
      "  sqlite.library       bundled (if absent), system, or a library's path",
      "Examples to copy: docs/examples/node1.properties and its neighbours."
    })
final class NodeCommand implements Callable<Integer> {
  /** How often a running node is looked at. */
  private static final Duration LOOK = Duration.ofMillis(500);

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "the node's configuration")
  private Path file;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  NodeCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Logging.tellEvents();
    BalsaNode node;
    try {
      ConfigFile configured = ConfigFile.read(file);
      String library = configured.sqliteLibrary();
      if (library != null) {
        System.setProperty(SqliteLibrary.PROPERTY, library);
      }
      node = BalsaNode.start(configured.config());
    } catch (NodeStartException e) {
      return refused(e);
    }
    Thread stop =
        new Thread(
            () -> {
              node.close();
              // Asked to stop and stopped: that is success, whatever the signal was.
              Runtime.getRuntime().halt(ExitCode.OK);
            },
            "balsa-stops");
    Runtime.getRuntime().addShutdownHook(stop);
    spec.commandLine()
        .getOut()
        .println("node " + node.config().nodeId() + " listens at " + node.config().listen());
    while (!node.awaitEnd(LOOK)) {
      Optional<NodeStartException> hopeless = node.cannotJoin();
      if (hopeless.isPresent()) {
        Runtime.getRuntime().removeShutdownHook(stop);
        node.close();
        return refused(hopeless.get());
      }
    }
    Throwable failure = node.failure();
    if (failure == null) {
      stop.join(); // it is the hook that has closed the node, and ends the process
      return ExitCode.OK;
    }
    Runtime.getRuntime().removeShutdownHook(stop);
    spec.commandLine().getErr().println("balsa: the node has failed: " + failure.getMessage());
    return ExitCode.NODE_FAILED;
  }

  private int refused(NodeStartException e) {
    spec.commandLine().getErr().println("balsa: " + e.getMessage());
    return e.failure().exitCode();
  }
}
