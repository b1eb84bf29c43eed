package dev.balsa.jepsen;

import dev.balsa.cli.WarmUpCommand;
import dev.balsa.jepsen.disk.LoopDisks;
import dev.balsa.jepsen.report.ReportCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code balsa jepsen}. Its own commands run one kind of fault each, with a check of
 * rows; those in {@link TestCommand} run workloads under faults of all kinds. Further ones are
 * classes of their own, named in {@code subcommands}.
 */
@Command(
    name = "balsa jepsen",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Tests clusters of real processes under faults.",
    subcommands = {
      TestCommand.Test.class,
      TestCommand.TestAll.class,
      TestCommand.Check.class,
      ReportCommand.class,
      WarmUpCommand.class
    },
    exitCodeOnInvalidInput = JepsenCommand.HARNESS_ERROR,
    exitCodeOnExecutionException = JepsenCommand.HARNESS_ERROR,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:valid: all promises were kept",
      "1:invalid: a promise was broken",
      "2:unknown: too little was seen",
      "3:the run could not be made, or the command line is wrong"
    })
public final class JepsenCommand implements Runnable {
  static final int HARNESS_ERROR = 3;

  @Spec private CommandLine.Model.CommandSpec spec;

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field
  public JepsenCommand() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    // The script passes its own first word on.
    List<String> words = new ArrayList<>(List.of(args));
    words.remove("jepsen");
    CommandLine line = new CommandLine(new JepsenCommand());
    line.addSubcommand(MissingMutants.commandOrThis());
    line.setExecutionExceptionHandler(JepsenCommand::explain);
    System.exit(line.execute(words.toArray(new String[0])));
  }

  /** What somebody has asked for, and cannot be done, is told in a sentence; all else as it is. */
  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult arguments)
      throws Exception {
    if (e instanceof InterruptedException) {
      System.err.println("balsa: broken off");
    } else if (e instanceof IllegalArgumentException) {
      System.err.println("balsa: " + e.getMessage());
    } else {
      throw e;
    }
    return HARNESS_ERROR;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  @Command(
      name = "partition",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = HARNESS_ERROR,
      exitCodeOnExecutionException = HARNESS_ERROR,
      description =
          "The leader is cut off from the others and healed, again and again, while every node is"
              + " written to.")
  int partition(
      @Option(
              names = "--seconds",
              defaultValue = "30",
              paramLabel = "N",
              description = "how long (${DEFAULT-VALUE})")
          int seconds,
      @Option(
              names = "--nodes",
              defaultValue = "3",
              paramLabel = "3|5",
              description = "size of the cluster (${DEFAULT-VALUE})")
          int nodes,
      @Option(names = "--seed", paramLabel = "N", description = "of what happens (a fresh one)")
          @Nullable Long seed,
      @Option(
              names = "--dir",
              paramLabel = "FOLDER",
              description = "for data and logs (a temporary one, kept only if not valid)")
          @Nullable Path dir)
      throws IOException, InterruptedException {
    if (nodes < 3) {
      throw new ParameterException(
          spec.commandLine(), "a majority without the leader needs 3 nodes or more");
    }
    return inFolder(
        seed,
        dir,
        (chosen, folder) -> {
          PartitionRun run =
              new PartitionRun(
                  new PartitionRun.Options(nodes, 1, Duration.ofSeconds(seconds), chosen, folder),
                  System.out);
          return tell(run.run(), run::summary);
        });
  }

  @Command(
      name = "kill-all",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = HARNESS_ERROR,
      exitCodeOnExecutionException = HARNESS_ERROR,
      description = "All nodes are killed (SIGKILL) at the same moment, again and again.")
  int killAll(
      @Option(
              names = "--rounds",
              defaultValue = "10",
              paramLabel = "N",
              description = "how often (${DEFAULT-VALUE})")
          int rounds,
      @Option(names = "--seed", paramLabel = "N", description = "of what happens (a fresh one)")
          @Nullable Long seed,
      @Option(
              names = "--dir",
              paramLabel = "FOLDER",
              description = "for data and logs (a temporary one, kept only if not valid)")
          @Nullable Path dir)
      throws IOException, InterruptedException {
    return inFolder(
        seed,
        dir,
        (chosen, folder) -> {
          List<Path> data =
              IntStream.of(1, 2, 3).mapToObj(n -> folder.resolve("node" + n)).toList();
          CrashRun.Options options = new CrashRun.Options(rounds, 1, chosen, folder, data);
          CrashRun run = new CrashRun(options, new CrashRun.KillAll(), System.out);
          return tell(run.run(), run::summary);
        });
  }

  @Command(
      name = "power-loss",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = HARNESS_ERROR,
      exitCodeOnExecutionException = HARNESS_ERROR,
      description =
          "The disks of all nodes lose power at the same moment, again and again. Needs root: the"
              + " disks are ext4 images on loop devices.")
  int powerLoss(
      @Option(
              names = "--rounds",
              defaultValue = "5",
              paramLabel = "N",
              description = "how often (${DEFAULT-VALUE})")
          int rounds,
      @Option(names = "--seed", paramLabel = "N", description = "of what happens (a fresh one)")
          @Nullable Long seed,
      @Option(
              names = "--dir",
              paramLabel = "FOLDER",
              description = "for data and logs (a temporary one, kept only if not valid)")
          @Nullable Path dir)
      throws IOException, InterruptedException {
    Optional<String> missing = LoopDisks.missing();
    if (missing.isPresent()) {
      System.err.println("balsa: this machine cannot do that: " + missing.get());
      return HARNESS_ERROR;
    }
    return inFolder(
        seed,
        dir,
        (chosen, folder) -> {
          try (LoopDisks disks = LoopDisks.create(folder, 3, PowerLoss.DISK_BYTES)) {
            List<Path> data = disks.mounts().stream().map(m -> m.resolve("node")).toList();
            CrashRun.Options options = new CrashRun.Options(rounds, 1, chosen, folder, data);
            CrashRun run = new CrashRun(options, new PowerLoss(disks), System.out);
            return tell(run.run(), run::summary);
          }
        });
  }

  @Command(
      name = "torment",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = HARNESS_ERROR,
      exitCodeOnExecutionException = HARNESS_ERROR,
      description =
          "Kills, pauses and (as root) full disks of one node, a majority or all, one after the"
              + " other, under load and with tiny thresholds.")
  int torment(
      @Option(
              names = "--seconds",
              defaultValue = "60",
              paramLabel = "N",
              description = "how long (${DEFAULT-VALUE})")
          int seconds,
      @Option(names = "--seed", paramLabel = "N", description = "of what happens (a fresh one)")
          @Nullable Long seed,
      @Option(
              names = "--dir",
              paramLabel = "FOLDER",
              description = "for data and logs (a temporary one, kept only if not valid)")
          @Nullable Path dir)
      throws IOException, InterruptedException {
    Optional<String> missing = LoopDisks.missing();
    missing.ifPresent(why -> System.out.println("without full disks: " + why));
    return inFolder(
        seed,
        dir,
        (chosen, folder) -> {
          Duration duration = Duration.ofSeconds(seconds);
          if (missing.isPresent()) {
            List<Path> data =
                IntStream.of(1, 2, 3).mapToObj(n -> folder.resolve("node" + n)).toList();
            return torment(new TormentRun.Options(duration, 2, chosen, folder, data, false));
          }
          try (LoopDisks disks = LoopDisks.create(folder, 3, PowerLoss.DISK_BYTES)) {
            List<Path> data = disks.mounts().stream().map(m -> m.resolve("node")).toList();
            return torment(new TormentRun.Options(duration, 2, chosen, folder, data, true));
          }
        });
  }

  private static Verdict torment(TormentRun.Options options)
      throws IOException, InterruptedException {
    TormentRun run = new TormentRun(options, System.out);
    return tell(run.run(), run::summary);
  }

  private interface Run {
    Verdict in(long seed, Path folder) throws IOException, InterruptedException;
  }

  private interface Summary {
    String of(Verdict verdict);
  }

  private static Verdict tell(Verdict verdict, Summary summary) {
    verdict.problems().forEach(problem -> System.out.println("problem: " + problem));
    System.out.println(summary.of(verdict));
    return verdict;
  }

  private static int inFolder(@Nullable Long seed, @Nullable Path dir, Run run)
      throws IOException, InterruptedException {
    long chosen = seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed;
    Path folder;
    if (dir == null) {
      folder = Files.createTempDirectory("balsa-jepsen");
    } else {
      folder = Files.createDirectories(dir).toAbsolutePath();
      try (Stream<Path> inside = Files.list(folder)) {
        if (inside.findAny().isPresent()) {
          System.err.println("balsa: " + folder + " is not empty");
          return HARNESS_ERROR;
        }
      }
    }
    System.out.println("seed " + chosen + ", in " + folder);
    Verdict verdict = run.in(chosen, folder);
    if (dir == null && verdict.status() == Verdict.Status.VALID) {
      deleteAll(folder);
    }
    return verdict.status().exitCode();
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
