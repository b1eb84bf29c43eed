package dev.balsa.bench;

import dev.balsa.node.BalsaConfig;
import dev.balsa.node.BalsaNode;
import dev.balsa.node.NodeStartException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One node of {@code balsa bench sql}; started by that only. */
@Command(name = SqlNodeCommand.NAME, hidden = true, description = "One node of bench sql.")
final class SqlNodeCommand implements Callable<Integer> {
  static final String NAME = "sql-node";

  @Option(names = "--id", required = true)
  private long id;

  @Option(names = "--dir", required = true)
  private Path folder;

  @Option(names = "--listen", required = true)
  private String listen;

  @Option(names = "--peer")
  private Map<Long, String> peers = new TreeMap<>();

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  SqlNodeCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    // Whatever a library prints must not get between what is told.
    PrintStream out = System.out;
    System.setOut(System.err);
    BalsaConfig.Builder config = BalsaConfig.builder().nodeId(id).dataFolder(folder).listen(listen);
    peers.forEach(config::peer);
    try (BalsaNode node = BalsaNode.start(config.build())) {
      new SqlNode(node, out).serve();
      return BenchCommand.DONE;
    } catch (NodeStartException e) {
      out.println(SqlNode.FAILED + e.getMessage());
      out.flush();
      return BenchCommand.FAILED;
    }
  }
}
