package dev.balsa.bench.raft;

import dev.balsa.bench.BenchCommand;
import dev.balsa.bench.Progress;
import dev.balsa.bench.RunFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code balsa bench raft}. */
@Command(
    name = "raft",
    mixinStandardHelpOptions = true,
    versionProvider = BenchCommand.Version.class,
    description = {
      "Measures Raft alone, beside two yardsticks in the same run.",
      "",
      "Three contenders, each with three processes on loopback: 'ours'; 'floor', which is no Raft but"
          + " what this machine can do at best (batches to two followers over TCP and to the own"
          + " disk, each forced to a preallocated file, done at 2 of 3); and 'jraft', SOFAJRaft with"
          + " its log forced. Entries of 100 bytes are kept in flight from within the leader's"
          + " process: as soon as one is done, the next is proposed by the thread that tells it."
          + " Short rounds of the three take turns. What is printed are medians over the rounds;"
          + " ratios of one run can be compared, figures of different runs cannot."
    },
    footer = {
      "",
      "A line for scripts for each window: RAFT window=W ours=N floor=F jraft=J ours_over_floor=..."
          + " ours_over_jraft=... jraft_over_floor=..., in entries a second."
    })
public final class RaftCommand implements Callable<Integer> {
  private static final int WINDOW_MAX = 8192;

  @Spec private CommandSpec spec;

  @Option(
      names = "--windows",
      split = ",",
      defaultValue = "1,16,64,256",
      paramLabel = "N",
      description = "entries in flight; several numbers are run in turn (${DEFAULT-VALUE})")
  private List<Integer> windows = new ArrayList<>();

  @Option(
      names = "--seconds",
      defaultValue = "8",
      paramLabel = "N",
      description = {
        "how long each contender is measured at each window, after half of that to warm up"
            + " (${DEFAULT-VALUE})"
      })
  private int seconds;

  @Option(
      names = "--rounds",
      defaultValue = "8",
      paramLabel = "N",
      description = "in how many rounds, which take turns (${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--contenders",
      split = ",",
      paramLabel = "NAME",
      description = "only some of ours,floor,jraft; ratios take all three")
  private List<String> contenders = new ArrayList<>();

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "a folder on the disk to be measured (the system's temporary folder)")
  private @Nullable Path folder;

  @Option(
      names = "--node-jvm",
      paramLabel = "ARGUMENT",
      description = "an argument more for the JVMs of our own nodes, say to profile them")
  private List<String> nodeArguments = new ArrayList<>();

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field
  public RaftCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(seconds >= 1, "--seconds must be 1 or more");
    require(rounds >= 1 && rounds <= 100, "--rounds must be from 1 to 100");
    require(
        windows.stream().allMatch(window -> window >= 1 && window <= WINDOW_MAX),
        "--windows must be from 1 to " + WINDOW_MAX);
    Path parent = folder != null ? folder : Path.of(System.getProperty("java.io.tmpdir"));
    Progress progress =
        Boolean.getBoolean("balsa.terminal") ? Progress.on(System.out) : Progress.silent();
    try {
      RaftRun.run(
          new RaftRun.Plan(
              chosen(), windows, rounds, 1000L * seconds / rounds, 500L * seconds, nodeArguments),
          parent.toAbsolutePath(),
          System.out,
          progress);
      return BenchCommand.DONE;
    } catch (RunFailedException e) {
      spec.commandLine().getErr().println("balsa bench: " + e.getMessage());
      return BenchCommand.FAILED;
    }
  }

  private List<Contender> chosen() {
    if (contenders.isEmpty()) {
      return List.of(Contender.values());
    }
    Set<Contender> chosen = new LinkedHashSet<>();
    for (String label : contenders) {
      try {
        chosen.add(Contender.of(label));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--contenders: " + e.getMessage(), e);
      }
    }
    return List.copyOf(chosen);
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
