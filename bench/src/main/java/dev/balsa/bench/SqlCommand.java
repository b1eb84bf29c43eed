package dev.balsa.bench;

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

/** {@code balsa bench sql}. */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    versionProvider = BenchCommand.Version.class,
    description = {
      "Measures transactions on three nodes.",
      "",
      "Starts three node processes on loopback. Writers in the leader's process insert rows of about"
          + " 100 bytes, each as a transaction of its own, and wait for each: it is then durable on"
          + " two nodes, and can be read. Latency is from call to return. The disk is measured"
          + " beside it: 4 KiB written and fdatasync'ed to a plain preallocated file, and to three"
          + " such files at once, since the three nodes share this disk."
    },
    footer = {
      "",
      "A line for scripts for each number of writers: SQL writers=W tps=N p50_us=N p99_us=N"
          + " fsync_per_s=N fsync3_per_s=N"
    })
final class SqlCommand implements Callable<Integer> {
  private static final int WRITERS_MAX = 1000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--writers",
      split = ",",
      defaultValue = "1,16",
      paramLabel = "N",
      description = "how many write at a time; several numbers are run in turn (${DEFAULT-VALUE})")
  private List<Integer> writers = new ArrayList<>();

  @Option(
      names = "--seconds",
      defaultValue = "8",
      paramLabel = "N",
      description =
          "how long each is measured, after half of that to warm up" + " (${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "a folder on the disk to be measured (the system's temporary folder)")
  private @Nullable Path folder;

  @Option(
      names = "--node-jvm",
      paramLabel = "ARGUMENT",
      description = "an argument more for the nodes' JVMs, say to profile them")
  private List<String> nodeArguments = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // picocli sets the field
  SqlCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds < 1) {
      throw new ParameterException(spec.commandLine(), "--seconds must be 1 or more");
    }
    for (int count : writers) {
      if (count < 1 || count > WRITERS_MAX) {
        throw new ParameterException(
            spec.commandLine(), "--writers must be from 1 to " + WRITERS_MAX);
      }
    }
    Path parent = folder != null ? folder : Path.of(System.getProperty("java.io.tmpdir"));
    try {
      SqlRun.run(
          new SqlRun.Plan(writers, 500L * seconds, 1000L * seconds, nodeArguments),
          parent.toAbsolutePath(),
          System.out);
      return BenchCommand.DONE;
    } catch (SqlRun.FailedException e) {
      spec.commandLine().getErr().println("balsa bench: " + e.getMessage());
      return BenchCommand.FAILED;
    }
  }
}
