package dev.balsa.jepsen;

import dev.balsa.jepsen.Attempt.Result;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.ClusterException;
import dev.balsa.jepsen.disk.Balloon;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A long life under load, with tiny thresholds: one fault after the other, kills, pauses and full
 * disks, of one node, a majority or all. In the end nothing acknowledged is lost, all nodes hold
 * the same, and neither logs nor WALs have grown.
 */
final class TormentRun {
  private static final Duration GUARD = Duration.ofSeconds(90);
  private static final int CHECKPOINT_FRAMES = 50;

  /** What a log may take: its segments of 16 MiB, a quarter more mapped, and the spare one. */
  private static final long LOG_BYTES_MAX = 128L << 20;

  private static final long WAL_BYTES_MAX = 64L << 20;

  private enum Fault {
    KILL,
    PAUSE,
    FULL_DISK
  }

  private final Options options;
  private final PrintStream out;
  private final Ledger ledger = new Ledger();
  private final Map<Fault, Integer> faults = new TreeMap<>();
  private long logBytesMost;
  private long walBytesMost;

  /**
   * What to do.
   *
   * @param duration how long
   * @param clientsPerNode how many clients write to each node
   * @param seed of what happens
   * @param folder for logs and copies
   * @param dataFolders one for each node
   * @param fullDisks whether these are on disks of their own, which can be filled
   */
  record Options(
      Duration duration,
      int clientsPerNode,
      long seed,
      Path folder,
      List<Path> dataFolders,
      boolean fullDisks) {}

  TormentRun(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  Verdict run() throws IOException, InterruptedException {
    Path logs = options.folder().resolve("logs");
    List<String> broken = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Map<Long, Path> databases = new TreeMap<>();
    try (Cluster cluster = Cluster.start(plan(logs))) {
      long leader = cluster.awaitLeader(GUARD);
      Load.makeTable(cluster, leader);
      SplittableRandom random = new SplittableRandom(options.seed());
      long end = System.nanoTime() + options.duration().toNanos();
      try (Load load = Load.start(cluster, ledger, options.clientsPerNode(), options.seed())) {
        while (System.nanoTime() < end) {
          round(cluster, random);
        }
        broken.addAll(load.problems());
      }
      cluster.awaitQuiet(GUARD);
      cluster.stopAll();
      broken.addAll(cluster.problems());
      cluster.nodes().forEach(n -> databases.put(n, cluster.dataFolder(n).database("jepsen")));
    } catch (ClusterException e) {
      broken.add(String.valueOf(e.getMessage()));
      return Verdict.of(broken, missing);
    }
    broken.addAll(
        new RowCheck(options.folder().resolve("copies")).problems(databases, ledger.attempts()));
    broken.addAll(NodeLogs.problems(logs));
    if (logBytesMost > LOG_BYTES_MAX) {
      broken.add("a log has grown to " + logBytesMost + " bytes");
    }
    if (walBytesMost > WAL_BYTES_MAX) {
      broken.add("a WAL has grown to " + walBytesMost + " bytes");
    }
    if (ledger.count(Result.ACKNOWLEDGED) == 0) {
      missing.add("nothing was acknowledged");
    }
    return Verdict.of(broken, missing);
  }

  private Cluster.Plan plan(Path logs) {
    return new Cluster.Plan(
        logs,
        options.dataFolders(),
        new SutOptions.Tuning(CHECKPOINT_FRAMES, 0),
        SutNode.class.getName());
  }

  private void round(Cluster cluster, SplittableRandom random)
      throws IOException, InterruptedException {
    pass(random.nextInt(200, 3_000));
    Fault fault = Fault.values()[random.nextInt(options.fullDisks() ? 3 : 2)];
    List<Long> victims = victims(cluster, random);
    long before = ledger.count(Result.ACKNOWLEDGED);
    switch (fault) {
      case KILL -> {
        cluster.kill(victims);
        pass(random.nextInt(2_000));
        cluster.startDead();
      }
      case PAUSE -> {
        cluster.pause(victims);
        try {
          pass(random.nextInt(100, 3_000));
        } finally {
          cluster.resume(victims);
        }
      }
      case FULL_DISK -> {
        List<Balloon> balloons = new ArrayList<>();
        try {
          for (long victim : victims) {
            balloons.add(Balloon.fill(options.dataFolders().get((int) victim - 1)));
          }
          pass(random.nextInt(500, 4_000));
        } finally {
          for (Balloon balloon : balloons) {
            balloon.close();
          }
        }
      }
    }
    cluster.awaitWhole(1, GUARD);
    faults.merge(fault, 1, Integer::sum);
    measure(cluster);
    out.printf(
        "%s of %s: %d acknowledged before, %d since%n",
        fault, victims, before, ledger.count(Result.ACKNOWLEDGED) - before);
  }

  /** The load goes on meanwhile. */
  private static void pass(int millis) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static List<Long> victims(Cluster cluster, SplittableRandom random) {
    List<Long> nodes = new ArrayList<>(cluster.nodes());
    int count =
        switch (random.nextInt(4)) {
          case 0 -> nodes.size();
          case 1 -> nodes.size() / 2 + 1;
          default -> 1;
        };
    while (nodes.size() > count) {
      nodes.remove(random.nextInt(nodes.size()));
    }
    return nodes;
  }

  private void measure(Cluster cluster) throws IOException {
    for (long node : cluster.nodes()) {
      logBytesMost = Math.max(logBytesMost, bytes(cluster.dataFolder(node).log()));
      Path wal = Path.of(cluster.dataFolder(node).database("jepsen") + "-wal");
      walBytesMost = Math.max(walBytesMost, Files.exists(wal) ? Files.size(wal) : 0);
    }
  }

  private static long bytes(Path folder) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        sum += Files.exists(file) ? Files.size(file) : 0; // it may just have gone
      }
    }
    return sum;
  }

  /** One line for scripts. */
  String summary(Verdict verdict) {
    return "JEPSEN torment verdict="
        + verdict.status()
        + " faults="
        + faults
        + " acknowledged="
        + ledger.count(Result.ACKNOWLEDGED)
        + " not_applied="
        + ledger.count(Result.NOT_APPLIED)
        + " unknown="
        + ledger.count(Result.UNKNOWN)
        + " log_mib_max="
        + (logBytesMost >> 20)
        + " wal_mib_max="
        + (walBytesMost >> 20);
  }
}
