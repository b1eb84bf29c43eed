package dev.balsa.bench.big;

import dev.balsa.bench.BenchCommand;
import dev.balsa.bench.Progress;
import dev.balsa.bench.RunFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
  @Spec private CommandSpec spec;

  @Option(
      names = "--mib",
      defaultValue = "2048",
      paramLabel = "N",
      description = "size of the database (${DEFAULT-VALUE})")
  private long mebibytes;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "a folder on the disk to be measured (the system's temporary folder)")
  private @Nullable Path folder;

  @Option(
      names = "--node-jvm",
      paramLabel = "ARGUMENT",
      description = "an argument more for the nodes' JVMs, say -Xmx300m")
  private List<String> nodeArguments = new ArrayList<>();

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field
  public BigCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (mebibytes < 1) {
      throw new ParameterException(spec.commandLine(), "--mib must be 1 or more");
    }
    Path parent = folder != null ? folder : Path.of(System.getProperty("java.io.tmpdir"));
    Progress progress =
        Boolean.getBoolean("balsa.terminal") ? Progress.on(System.out) : Progress.silent();
    try {
      BigRun.run(mebibytes, parent.toAbsolutePath(), nodeArguments, System.out, progress);
      return BenchCommand.DONE;
    } catch (RunFailedException e) {
      spec.commandLine().getErr().println("balsa bench: " + e.getMessage());
      return BenchCommand.FAILED;
    }
  }
}
