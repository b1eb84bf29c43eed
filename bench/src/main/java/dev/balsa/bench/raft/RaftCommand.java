package dev.balsa.bench.raft;

import dev.balsa.bench.BenchCommand;
import dev.balsa.bench.RunOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

  @Mixin private RunOptions options;

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

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  public RaftCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.require(seconds >= 1, "--seconds must be 1 or more");
    options.require(rounds >= 1 && rounds <= 100, "--rounds must be from 1 to 100");
    options.require(
        windows.stream().allMatch(window -> window >= 1 && window <= WINDOW_MAX),
        "--windows must be from 1 to " + WINDOW_MAX);
    RaftRun.Plan plan =
        new RaftRun.Plan(
            options.chosen("--contenders", contenders, List.of(Contender.values()), Contender::of),
            windows,
            rounds,
            1000L * seconds / rounds,
            500L * seconds,
            options.nodeArguments());
    return options.run((parent, progress) -> RaftRun.run(plan, parent, System.out, progress));
  }
}
