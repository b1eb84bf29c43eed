package dev.balsa.jepsen;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.nemesis.Faults;
import dev.balsa.jepsen.run.BreakOff;
import dev.balsa.jepsen.run.Folders;
import dev.balsa.jepsen.run.Matrix;
import dev.balsa.jepsen.run.Recheck;
import dev.balsa.jepsen.run.Result;
import dev.balsa.jepsen.run.Settings;
import dev.balsa.jepsen.workload.ReadLevel;
import dev.balsa.jepsen.workload.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that run workloads under faults, and judge their histories. */
final class TestCommand {
  private TestCommand() {}

  /** Broken off by Ctrl-C, the process's code is that of the signal. */
  @Command(
      name = "test",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = JepsenCommand.HARNESS_ERROR,
      exitCodeOnExecutionException = JepsenCommand.HARNESS_ERROR,
      description = "Clients do a workload while faults come and go; then the history is judged.")
  static final class Test implements Callable<Integer> {
    @Mixin private RunOptions options = new RunOptions();

    @Option(
        names = "--workload",
        required = true,
        paramLabel = "NAME",
        description = "append, register, bank, set or ddl")
    private String workload = "";

    @Option(
        names = "--nemesis",
        defaultValue = "none",
        paramLabel = "LIST",
        description =
            "faults, with commas between; two at the same time with a + between; or all, or none"
                + " (${DEFAULT-VALUE})")
    private String nemesis = "none";

    @Option(
        names = "--disk",
        defaultValue = "plain",
        paramLabel = "plain|ext4",
        description = "ext4: a file system for each node, which power-loss and disk-full need")
    private String disk = "plain";

    @Option(
        names = "--dir",
        paramLabel = "DIR",
        description = "for all that the run leaves; new or empty (a temporary one)")
    private @Nullable Path dir;

    @Override
    public Integer call() throws IOException, InterruptedException {
      Path folder =
          dir == null
              ? Files.createTempDirectory("balsa-jepsen")
              : Files.createDirectories(dir).toAbsolutePath();
      try (Stream<Path> inside = Files.list(folder)) {
        if (inside.findAny().isPresent()) {
          throw new IllegalArgumentException(folder + " is not empty");
        }
      }
      Settings settings =
          options.settings(workload, faults(nemesis), disk, RunOptions.Defaults.OF_A_RUN);
      System.out.println("seed " + settings.seed() + ", in " + folder);
      Result result = BreakOff.guarded(() -> RunOptions.run(settings, folder));
      return Result.exitCode(RunOptions.tell(result, folder));
    }
  }

  private static List<String> faults(String words) {
    List<String> names =
        switch (words) {
          case "none" -> List.of();
          case "all" -> Faults.names();
          default -> List.of(words.split(",", -1));
        };
    for (String name : names) {
      for (String single : name.split("\\+", -1)) {
        if (!Faults.names().contains(single)) {
          throw new IllegalArgumentException(
              "there is no fault '" + single + "'; there are " + String.join(", ", Faults.names()));
        }
      }
    }
    return names;
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = JepsenCommand.HARNESS_ERROR,
      exitCodeOnExecutionException = JepsenCommand.HARNESS_ERROR,
      description = "Judges a stored history again, or one that another tool has written.")
  static final class Check implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "a run's folder, or a file in EDN")
    private Path path = Path.of("");

    @Option(
        names = "--workload",
        paramLabel = "NAME",
        description = "what the history is of (as the run's configuration tells)")
    private @Nullable String workload;

    @Option(
        names = "--read-mode",
        paramLabel = "MODE",
        description = "what its reads promise (as the run's configuration tells)")
    private @Nullable String readMode;

    @Override
    public Integer call() throws IOException {
      Result result =
          Recheck.judge(path, workload, readMode == null ? null : ReadLevel.of(readMode));
      return Result.exitCode(RunOptions.tell(result, path));
    }
  }

  @Command(
      name = "test-all",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = JepsenCommand.HARNESS_ERROR,
      exitCodeOnExecutionException = JepsenCommand.HARNESS_ERROR,
      description = "All workloads under all faults, and pairs of faults; makes a table.")
  static final class TestAll implements Callable<Integer> {
    /** The faults of the matrix; others are kinds of these. */
    private static final List<String> MATRIX =
        List.of(
            "partition",
            "kill",
            "pause",
            "power-loss",
            "disk-full",
            "io-error",
            "clock",
            "membership",
            "transfer",
            "bit-rot",
            "none");

    @Mixin private RunOptions options = new RunOptions();

    @Option(names = "--dir", required = true, paramLabel = "DIR", description = "for all of it")
    private Path dir = Path.of("");

    @Option(names = "--resume", description = "leaves out what is done already")
    private boolean resume;

    @Option(
        names = "--workloads",
        split = ",",
        paramLabel = "LIST",
        description = "only these (all)")
    private List<String> workloads = Workloads.names();

    @Option(
        names = "--faults",
        split = ",",
        paramLabel = "LIST",
        description =
            "only these, and no pairs unless they are named (the matrix's, and the pairs)")
    private List<String> faults = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
      Path folder = Files.createDirectories(dir).toAbsolutePath();
      Faults.describeMissing().forEach(System.out::println);
      return BreakOff.guarded(
          () -> new Matrix(folder, resume, System.out).run(cells(), this::runCell));
    }

    private List<Matrix.Cell> cells() {
      List<Matrix.Cell> cells = new ArrayList<>();
      for (String workload : workloads) {
        for (String fault : faults.isEmpty() ? MATRIX : faults) {
          cells.add(new Matrix.Cell(workload, fault));
        }
      }
      if (faults.isEmpty()) {
        for (String pair : Faults.pairs()) {
          cells.add(new Matrix.Cell(workloads.get(cells.size() % workloads.size()), pair));
        }
      }
      return cells;
    }

    private Result runCell(Matrix.Cell cell, Path folder) throws IOException, InterruptedException {
      boolean ext4 = cell.fault().contains("power-loss") || cell.fault().contains("disk-full");
      Settings settings =
          options.settings(
              cell.workload(),
              faults(cell.fault()),
              ext4 ? "ext4" : "plain",
              RunOptions.Defaults.OF_A_CELL);
      System.out.println(
          "cell " + cell.workload() + " under " + cell.fault() + ", seed " + settings.seed());
      Result result = RunOptions.run(settings, folder);
      RunOptions.tell(result, folder);
      if (result.validity() == Validity.VALID) {
        Folders.deleteData(folder);
      }
      return result;
    }
  }
}
