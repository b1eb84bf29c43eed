package dev.balsa.jepsen;

import dev.balsa.jepsen.Attempt.Result;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.ClusterException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * All nodes end at the same moment, in the middle of their work, and start again; several times. At
 * the end the rows are checked: nothing that was acknowledged may be lost.
 */
final class CrashRun {
  private static final Duration GUARD = Duration.ofSeconds(60);
  private static final int ACKNOWLEDGED_MIN = 20;
  private static final int ACKNOWLEDGED_MAX = 200;

  private final Options options;
  private final Crash crash;
  private final PrintStream out;
  private final Ledger ledger = new Ledger();
  private int rounds;

  /** How the nodes end. */
  interface Crash {
    /** A word for it. */
    String name();

    /** Ends all nodes: none of their processes is left afterwards. */
    void strike(Cluster cluster);

    /** Makes ready what the nodes need to start again. */
    void restore() throws IOException;

    /** Whether the nodes' logs may tell of errors. */
    boolean isLoud();
  }

  /** {@code kill -9} of all processes. What they have written survives in the page cache. */
  static final class KillAll implements Crash {
    @Override
    public String name() {
      return "kill-all";
    }

    @Override
    public void strike(Cluster cluster) {
      cluster.killAll();
    }

    @Override
    public void restore() {}

    @Override
    public boolean isLoud() {
      return false;
    }
  }

  /**
   * What to do.
   *
   * @param rounds how many crashes
   * @param clientsPerNode how many clients write to each node
   * @param seed of the moments of the crashes and of the transactions
   * @param folder for logs and copies
   * @param dataFolders one for each node
   */
  record Options(int rounds, int clientsPerNode, long seed, Path folder, List<Path> dataFolders) {}

  CrashRun(Options options, Crash crash, PrintStream out) {
    this.options = options;
    this.crash = crash;
    this.out = out;
  }

  Verdict run() throws IOException, InterruptedException {
    Path logs = options.folder().resolve("logs");
    List<String> broken = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Map<Long, Path> databases = new TreeMap<>();
    try (Cluster cluster = Cluster.start(logs, options.dataFolders())) {
      long leader = cluster.awaitLeader(GUARD);
      Load.makeTable(cluster, leader);
      SplittableRandom random = new SplittableRandom(options.seed());
      try (Load load = Load.start(cluster, ledger, options.clientsPerNode(), options.seed())) {
        while (rounds < options.rounds() && missing.isEmpty()) {
          round(cluster, random, missing);
        }
        awaitAcknowledged(ACKNOWLEDGED_MIN, "after the last crash", missing);
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
    if (!crash.isLoud()) {
      broken.addAll(NodeLogs.problems(logs));
    }
    return Verdict.of(broken, missing);
  }

  private void round(Cluster cluster, SplittableRandom random, List<String> missing)
      throws IOException, InterruptedException {
    int wanted = random.nextInt(ACKNOWLEDGED_MIN, ACKNOWLEDGED_MAX);
    if (!awaitAcknowledged(wanted, "before a crash", missing)) {
      return;
    }
    crash.strike(cluster);
    crash.restore();
    long started = System.nanoTime();
    cluster.startAll();
    cluster.awaitLeader(GUARD);
    cluster.awaitWhole(1, GUARD);
    rounds++;
    out.printf(
        "%s %d after %d acknowledged transactions; all nodes ready again after %d ms%n",
        crash.name(),
        rounds,
        ledger.count(Result.ACKNOWLEDGED),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
  }

  private boolean awaitAcknowledged(int wanted, String when, List<String> missing)
      throws InterruptedException {
    long begun = System.nanoTime();
    boolean seen =
        ledger
            .await(wanted, a -> a.isAcknowledged() && a.invokedNanos() >= begun, GUARD)
            .isPresent();
    if (!seen) {
      missing.add("fewer than " + wanted + " transactions were acknowledged " + when);
    }
    return seen;
  }

  /** One line for scripts. */
  String summary(Verdict verdict) {
    return "JEPSEN "
        + crash.name()
        + " verdict="
        + verdict.status()
        + " rounds="
        + rounds
        + " acknowledged="
        + ledger.count(Result.ACKNOWLEDGED)
        + " not_applied="
        + ledger.count(Result.NOT_APPLIED)
        + " unknown="
        + ledger.count(Result.UNKNOWN);
  }
}
