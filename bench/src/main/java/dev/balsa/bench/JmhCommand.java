package dev.balsa.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code balsa bench jmh}. */
@Command(
    name = "jmh",
    mixinStandardHelpOptions = true,
    versionProvider = BenchCommand.Version.class,
    description = {
      "Runs the benchmarks of single parts, each in a JVM of its own, and prints JMH's table.",
      "LogBenchmark's 'plain' is the yardstick: the same bytes in a plain, preallocated file."
    })
final class JmhCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "REGEX",
      defaultValue = ".*",
      description = "which benchmarks, by a part of their names (all)")
  private String regex;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "where files go while they are measured (the system's temporary folder)")
  private @Nullable Path folder;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "how often each is measured (as the benchmark says)")
  private @Nullable Integer iterations;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "how long each time (as the benchmark says)")
  private @Nullable Integer seconds;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  JmhCommand() {}

  @Override
  public Integer call() {
    // Given here, they replace this JVM's own arguments, which are for a quick start.
    List<String> arguments = new ArrayList<>(List.of("-Xmx1g", "-XX:+UseSerialGC"));
    BenchCommand.TALKERS.forEach(talker -> arguments.add("-D" + talker + "=true"));
    arguments.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    if (folder != null) {
      arguments.add("-D" + BenchFolder.PROPERTY + "=" + folder.toAbsolutePath());
    }
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(regex)
            .shouldFailOnError(true)
            .jvmArgs(arguments.toArray(String[]::new));
    if (iterations != null) {
      options.measurementIterations(iterations).warmupIterations(iterations);
    }
    if (seconds != null) {
      options.measurementTime(TimeValue.seconds(seconds)).warmupTime(TimeValue.seconds(seconds));
    }
    try {
      new Runner(options.build()).run();
      return BenchCommand.DONE;
    } catch (RunnerException e) {
      spec.commandLine().getErr().println("balsa bench: " + e.getMessage());
      return BenchCommand.FAILED;
    }
  }
}
