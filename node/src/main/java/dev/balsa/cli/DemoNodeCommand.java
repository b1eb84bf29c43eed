package dev.balsa.cli;

import dev.balsa.demo.DemoNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One node of the demo; started by its supervisor only. */
@Command(name = DemoNode.COMMAND, hidden = true, description = "One node of the demo.")
final class DemoNodeCommand implements Callable<Integer> {
  @Option(names = "--id", required = true)
  private long id;

  @Option(names = "--boot", required = true)
  private long boot;

  @Option(names = "--seed", required = true)
  private long seed;

  @Option(names = "--dir", required = true)
  private Path folder;

  @Option(names = "--listen", required = true)
  private String listen;

  @Option(names = "--peer")
  private Map<Long, String> peers = new TreeMap<>();

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  DemoNodeCommand() {}

  @Override
  public Integer call() throws IOException {
    Logging.tellEvents();
    // Whatever a library prints must not get between the reports.
    PrintStream reports = System.out;
    System.setOut(System.err);
    return DemoNode.run(new DemoNode.Options(id, boot, seed, folder, listen, peers), reports);
  }
}
