package dev.balsa.jepsen;

import dev.balsa.jepsen.balsa.BalsaSystem;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.Network;
import dev.balsa.jepsen.disk.LoopDisks;
import dev.balsa.jepsen.run.Coverage;
import dev.balsa.jepsen.run.Result;
import dev.balsa.jepsen.run.Settings;
import dev.balsa.jepsen.run.TestRun;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import dev.balsa.jepsen.workload.ReadLevel;
import dev.balsa.jepsen.workload.Workloads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What runs have in common. */
final class RunOptions {
  /** Bound on the ratio of two clocks in runs with leases: what the skewed ones keep to. */
  private static final double LEASE_CLOCK_RATIO = 1.2;

  /** So that rotten bits are found while a run lasts. */
  private static final Duration SCRUB_PERIOD = Duration.ofSeconds(5);

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
      description = "operations in a second, in all; 0 for as many as possible (${DEFAULT-VALUE})")
  private int rate = 200;

  @Option(
      names = "--concurrency",
      defaultValue = "10",
      paramLabel = "N",
      description = "clients; as many as there are nodes are pinned to one each (${DEFAULT-VALUE})")
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
      description = "acknowledged operations without which a run is unknown (100; of a cell 1000)")
  private @Nullable Integer acknowledgedMin;

  @Option(
      names = "--acknowledged-during-fault-min",
      paramLabel = "N",
      description = "the same during each kind of fault (10; of a cell 50)")
  private @Nullable Integer duringFaultMin;

  @Option(
      names = "--whole-max",
      paramLabel = "S",
      description =
          "seconds from the end of a fault until the cluster must be whole again; 0 to measure it"
              + " only (0; of a cell 5)")
  private @Nullable Double wholeMax;

  /** What holds unless it is said otherwise; times in seconds. */
  record Defaults(
      double timeLimit,
      int snapshotEvery,
      int acknowledgedMin,
      int duringFaultMin,
      double wholeMax) {
    static final Defaults OF_A_RUN = new Defaults(60, 0, 100, 10, 0);
    static final Defaults OF_A_CELL = new Defaults(90, 100, 1_000, 50, 5);
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
            Objects.requireNonNullElse(duringFaultMin, defaults.duringFaultMin())),
        seconds(Objects.requireNonNullElse(wholeMax, defaults.wholeMax())));
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
                settings.readLevel() == ReadLevel.LEASE ? LEASE_CLOCK_RATIO : 0,
                SCRUB_PERIOD),
            SutNode.class.getName(),
            Network.Kind.valueOf(settings.net().toUpperCase(Locale.ROOT))),
        disks);
  }

  static Validity tell(Result result, Path folder) {
    result.lines().forEach(System.out::println);
    System.out.println("JEPSEN test verdict=" + result.validity().word() + " dir=" + folder);
    return result.validity();
  }
}
