package dev.balsa.cli;

import dev.balsa.demo.Demo;
import dev.balsa.demo.DemoFailedException;
import dev.balsa.demo.DemoOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code balsa demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = BalsaCommand.Version.class,
    description = {
      "Three nodes that are killed all the time and lose nothing.",
      "",
      "Starts each node as a process of its own. In each, an application inserts rows while its node"
          + " leads. Each node is killed (SIGKILL) 3 to 12 s after it became ready, and started"
          + " again. At the end, every acknowledged row must be on all nodes exactly once, and"
          + " their databases must be the same page by page."
    },
    footer = {
      "",
      "Failover is the time from a leader's death to the next acknowledged write, if a quorum of the"
          + " others was up and caught up; otherwise it is an outage.",
      "The last line is for scripts: DEMO key=value ...; times are -1 where there was none.",
      "Exit code 0 only if nothing was lost, all is identical, at least 2,000 rows were acknowledged"
          + " and, with kills, at least 3 leaders died."
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      paramLabel = "N",
      description = "how long nodes are killed for (${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--nodes",
      defaultValue = "3",
      paramLabel = "N",
      description = "how many nodes, 1 to " + DemoOptions.NODES_MAX + " (${DEFAULT-VALUE})")
  private int nodes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of the moments of death and of what is written (a fresh one)")
  private @Nullable Long seed;

  @Option(names = "--no-kill", description = "let all nodes live")
  private boolean noKill;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description =
          "where everything goes, and stays (a temporary folder, kept only if something is wrong)")
  private @Nullable Path folder;

  @SuppressWarnings("NullAway.Init") // picocli sets the field
  DemoCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (nodes < 1 || nodes > DemoOptions.NODES_MAX) {
      throw new ParameterException(
          spec.commandLine(), "--nodes must be from 1 to " + DemoOptions.NODES_MAX);
    }
    if (seconds < 1) {
      throw new ParameterException(spec.commandLine(), "--seconds must be 1 or more");
    }
    long chosen = seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed;
    try {
      boolean good =
          Demo.run(nodes, seconds, chosen, !noKill, Optional.ofNullable(folder), System.out);
      return good ? ExitCode.OK : ExitCode.NO;
    } catch (DemoFailedException e) {
      spec.commandLine().getErr().println("balsa: the demo failed: " + e.getMessage());
      return ExitCode.NO;
    }
  }
}
