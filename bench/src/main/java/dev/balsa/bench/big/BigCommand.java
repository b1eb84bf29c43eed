package dev.balsa.bench.big;

import dev.balsa.bench.BenchCommand;
import dev.balsa.bench.RunOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code balsa bench big}. */
@Command(
    name = "big",
    mixinStandardHelpOptions = true,
    versionProvider = BenchCommand.Version.class,
    description = {
      "Measures nodes with a large database: filling it, a start after a clean stop, a start after"
          + " kill -9 under load, and a new node that gets it all.",
      "",
      "Three node processes on loopback, then a fourth. Times are from the start of the processes"
          + " to the moment when all three are ready and one leads. Needs about ten times the size"
          + " on the disk."
    },
    footer = {
      "",
      "A line for scripts: BIG mib=N clean_start_s=... killed_start_s=... catch_up_s=..."
          + " catch_up_mib_s=...; and lines MEMORY."
    })
public final class BigCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Option(
      names = "--mib",
      defaultValue = "2048",
      paramLabel = "N",
      description = "size of the database (${DEFAULT-VALUE})")
  private long mebibytes;

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  public BigCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.require(mebibytes >= 1, "--mib must be 1 or more");
    return options.run(
        (parent, progress) ->
            BigRun.run(mebibytes, parent, options.nodeArguments(), System.out, progress));
  }
}
