package dev.balsa.jepsen;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.Network;
import dev.balsa.jepsen.db.BalsaSystem;
import dev.balsa.jepsen.disk.LoopDisks;
import dev.balsa.jepsen.nemesis.Faults;
import dev.balsa.jepsen.run.BreakOff;
import dev.balsa.jepsen.run.Coverage;
import dev.balsa.jepsen.run.Folders;
import dev.balsa.jepsen.run.Matrix;
import dev.balsa.jepsen.run.Recheck;
import dev.balsa.jepsen.run.Result;
import dev.balsa.jepsen.run.Settings;
import dev.balsa.jepsen.run.TestRun;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import dev.balsa.jepsen.workload.ReadLevel;
import dev.balsa.jepsen.workload.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that run workloads under faults, and judge their histories. */
final class TestCommand {
  /** Bound on the ratio of two clocks in runs with leases: what the skewed ones keep to. */
  private static final double LEASE_CLOCK_RATIO = 1.2;

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

  /** What runs have in common. */
  static final class RunOptions {
    @Option(
        names = "--nodes",
        defaultValue = "3",
        paramLabel = "3|5",
        description = "size of the cluster (${DEFAULT-VALUE})")
    private int nodes = 3;

    @Option(
        names = "--nemesis-interval",
        defaultValue = "5",
        paramLabel = "S",
        description = "seconds of peace, and of a fault (${DEFAULT-VALUE})")
    private double interval = 5;

    @Option(
        names = "--rate",
        defaultValue = "200",
        paramLabel = "N",
        description =
            "operations in a second, in all; 0 for as many as possible (${DEFAULT-VALUE})")
    private int rate = 200;

    @Option(
        names = "--concurrency",
        defaultValue = "10",
        paramLabel = "N",
        description =
            "clients; as many as there are nodes are pinned to one each (${DEFAULT-VALUE})")
    private int concurrency = 10;

    @Option(
        names = "--time-limit",
        paramLabel = "S",
        description = "seconds of work, of each run (60; of a cell 90)")
    private @Nullable Double timeLimit;

    @Option(names = "--seed", paramLabel = "N", description = "of what happens (a fresh one)")
    private @Nullable Long seed;

    @Option(
        names = "--read-mode",
        defaultValue = "linearizable",
        paramLabel = "MODE",
        description = "linearizable, lease or stale (with bookmarks) (${DEFAULT-VALUE})")
    private String readMode = "linearizable";

    @Option(
        names = "--net",
        defaultValue = "proxy",
        paramLabel = "netns|proxy",
        description = "namespaces (need root), or TCP proxies (${DEFAULT-VALUE})")
    private String net = "proxy";

    @Option(
        names = "--snapshot-every",
        paramLabel = "N",
        description =
            "pages from one checkpoint to the next, and a log that keeps nothing (the product's"
                + " default; of a cell 100)")
    private @Nullable Integer snapshotEvery;

    @Option(
        names = "--acknowledged-min",
        paramLabel = "N",
        description =
            "acknowledged operations without which a run is unknown (100; of a cell 1000)")
    private @Nullable Integer acknowledgedMin;

    @Option(
        names = "--acknowledged-during-fault-min",
        paramLabel = "N",
        description = "the same during each kind of fault (10; of a cell 50)")
    private @Nullable Integer duringFaultMin;

    /** What holds unless it is said otherwise. */
    record Defaults(double timeLimit, int snapshotEvery, int acknowledgedMin, int duringFaultMin) {
      static final Defaults OF_A_RUN = new Defaults(60, 0, 100, 10);
      static final Defaults OF_A_CELL = new Defaults(90, 100, 1_000, 50);
    }

    Settings settings(String workload, List<String> faults, String disk, Defaults defaults) {
      double limit = Objects.requireNonNullElse(timeLimit, defaults.timeLimit());
      if (nodes < 1 || concurrency < 1 || rate < 0 || limit <= 0 || interval <= 0) {
        throw new IllegalArgumentException("numbers of nodes, clients and seconds are positive");
      }
      if (!Workloads.names().contains(workload)) {
        throw new IllegalArgumentException(
            "--workload is one of " + String.join(", ", Workloads.names()) + ", not " + workload);
      }
      requireOneOf("--net", net, "proxy", "netns");
      requireOneOf("--disk", disk, "plain", "ext4");
      requireOneOf("--read-mode", readMode, "linearizable", "lease", "stale");
      return new Settings(
          nodes,
          workload,
          faults,
          seconds(interval),
          rate,
          concurrency,
          seconds(limit),
          seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed,
          ReadLevel.of(readMode),
          net,
          disk,
          Objects.requireNonNullElse(snapshotEvery, defaults.snapshotEvery()),
          new Coverage.Wanted(
              Objects.requireNonNullElse(acknowledgedMin, defaults.acknowledgedMin()),
              Objects.requireNonNullElse(duringFaultMin, defaults.duringFaultMin())));
    }

    private static Duration seconds(double seconds) {
      return Duration.ofMillis((long) (seconds * 1000));
    }

    private static void requireOneOf(String option, String word, String... words) {
      if (!List.of(words).contains(word)) {
        throw new IllegalArgumentException(
            option + " is one of " + String.join(", ", words) + ", not " + word);
      }
    }

    static Result run(Settings settings, Path folder) throws IOException, InterruptedException {
      return new TestRun(
              settings, Workloads.of(settings.workload(), settings.readLevel()), folder, System.out)
          .run(system(settings, folder));
    }

    private static BalsaSystem system(Settings settings, Path folder) throws IOException {
      Optional<LoopDisks> disks =
          settings.disk().equals("ext4")
              ? Optional.of(LoopDisks.create(folder, settings.nodes(), PowerLoss.DISK_BYTES))
              : Optional.empty();
      List<Path> data =
          disks
              .map(d -> d.mounts().stream().map(mount -> mount.resolve("node")).toList())
              .orElseGet(
                  () ->
                      LongStream.rangeClosed(1, settings.nodes())
                          .mapToObj(node -> folder.resolve("node" + node))
                          .toList());
      return new BalsaSystem(
          new Cluster.Plan(
              folder.resolve("logs"),
              data,
              new SutOptions.Tuning(
                  settings.snapshotEvery(),
                  settings.readLevel() == ReadLevel.LEASE ? LEASE_CLOCK_RATIO : 0),
              SutNode.class.getName(),
              Network.Kind.valueOf(settings.net().toUpperCase(Locale.ROOT))),
          disks);
    }

    static Validity tell(Result result, Path folder) {
      result.lines().forEach(System.out::println);
      System.out.println(
          "JEPSEN test verdict="
              + result.validity().name().toLowerCase(Locale.ROOT)
              + " dir="
              + folder);
      return result.validity();
    }
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
