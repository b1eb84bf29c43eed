package dev.balsa.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What the commands have in common that measure processes on a disk: picocli mixes it into them.
 */
public final class RunOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "a folder on the disk to be measured (the system's temporary folder)")
  private @Nullable Path folder;

  @Option(
      names = "--node-jvm",
      paramLabel = "ARGUMENT",
      description = "an argument more for the JVMs of our own nodes, say -Xmx300m")
  private List<String> nodeArguments = new ArrayList<>();

  /** A run. */
  @FunctionalInterface
  public interface Run {
    /**
     * Measures, and prints it.
     *
     * @param parent a folder on the disk to be measured
     */
    void run(Path parent, Progress progress)
        throws IOException, InterruptedException, RunFailedException;
  }

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field
  public RunOptions() {}

  /** More arguments for the JVMs of our own nodes. */
  public List<String> nodeArguments() {
    return nodeArguments;
  }

  /**
   * Does a run where and how the command line says.
   *
   * @return the command's exit code
   */
  public int run(Run run) throws IOException, InterruptedException {
    Path parent = folder != null ? folder : Path.of(System.getProperty("java.io.tmpdir"));
    Progress progress =
        Boolean.getBoolean("balsa.terminal") ? Progress.on(System.out) : Progress.silent();
    try {
      run.run(parent.toAbsolutePath(), progress);
      return BenchCommand.DONE;
    } catch (RunFailedException e) {
      command.commandLine().getErr().println("balsa bench: " + e.getMessage());
      return BenchCommand.FAILED;
    }
  }

  /**
   * Refuses a wrong use of the command line.
   *
   * @throws ParameterException with the message, if the condition does not hold
   */
  public void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(command.commandLine(), message);
    }
  }

  /**
   * What an option chooses, each once.
   *
   * @param labels the option's values
   * @param all what is meant if there are none
   * @param byLabel throws {@link IllegalArgumentException} for what it does not know
   * @throws ParameterException for what is not known
   */
  public <T> List<T> chosen(
      String option, List<String> labels, List<T> all, Function<String, T> byLabel) {
    if (labels.isEmpty()) {
      return all;
    }
    Set<T> chosen = new LinkedHashSet<>();
    for (String label : labels) {
      try {
        chosen.add(byLabel.apply(label));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(command.commandLine(), option + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(chosen);
  }
}
