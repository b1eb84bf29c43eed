package dev.balsa.jepsen;

import dev.balsa.jepsen.Attempt.Result;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.ClusterException;
import dev.balsa.jepsen.cluster.Cut;
import dev.balsa.jepsen.sut.SutStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The leader is cut off from all others, again and again, while every node is written to.
 *
 * <p>A round: the links from and to the leader are cut; the others must elect a leader of their own
 * and acknowledge writes; the one that is cut off must not acknowledge a single write that began
 * after the cut; the links are healed; all must follow one leader again. At the end the rows are
 * checked.
 */
final class PartitionRun {
  private static final Duration GUARD = Duration.ofSeconds(60);
  private static final int ACKNOWLEDGED_BEFORE = 30;
  private static final int ACKNOWLEDGED_DURING = 50;
  private static final int TRIED_IN_VAIN = 2;

  private final Options options;
  private final PrintStream out;
  private final List<String> broken = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final List<Long> failoverMillis = new ArrayList<>();
  private final List<Long> wholeMillis = new ArrayList<>();
  private final Ledger ledger = new Ledger();

  /**
   * What to do.
   *
   * @param nodes size of the cluster
   * @param rounds at least so many
   * @param duration further rounds are begun until this has passed
   * @param seed of the kinds of cuts and the transactions
   * @param folder for data, logs and copies; must not exist yet
   */
  record Options(int nodes, int rounds, Duration duration, long seed, Path folder) {}

  PartitionRun(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  Verdict run() throws IOException, InterruptedException {
    Path logs = options.folder().resolve("logs");
    List<Path> dataFolders =
        IntStream.rangeClosed(1, options.nodes())
            .mapToObj(node -> options.folder().resolve("node" + node))
            .toList();
    Map<Long, Path> databases = new TreeMap<>();
    try (Cluster cluster = Cluster.start(logs, dataFolders)) {
      long leader = cluster.awaitLeader(GUARD);
      cluster.awaitWhole(1, GUARD);
      Load.makeTable(cluster, leader);
      try (Load load = Load.start(cluster, ledger, 1, options.seed())) {
        rounds(cluster);
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
    List<Attempt> attempts = ledger.attempts();
    broken.addAll(new RowCheck(options.folder().resolve("copies")).problems(databases, attempts));
    broken.addAll(NodeLogs.problems(logs));
    return Verdict.of(broken, missing);
  }

  private void rounds(Cluster cluster) throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(options.seed());
    Cut[] kinds = Cut.values();
    int first = random.nextInt(kinds.length);
    long started = System.nanoTime();
    for (int round = 0;
        round < options.rounds() || System.nanoTime() - started < options.duration().toNanos();
        round++) {
      // Every kind gets its turn, whichever is the first.
      round(cluster, kinds[(first + round) % kinds.length]);
      if (!broken.isEmpty()) {
        return;
      }
    }
  }

  private void round(Cluster cluster, Cut how) throws IOException, InterruptedException {
    long before = System.nanoTime();
    expect(
        "acknowledgements before the cut",
        ledger.await(
            ACKNOWLEDGED_BEFORE, a -> a.isAcknowledged() && a.invokedNanos() >= before, GUARD));
    long leader = cluster.awaitLeader(GUARD);

    cluster.network().isolate(leader, how);
    long cut = System.nanoTime();
    Optional<Attempt> recovered =
        ledger.await(
            1, a -> a.isAcknowledged() && a.node() != leader && a.invokedNanos() >= cut, GUARD);
    recovered.ifPresentOrElse(
        first -> failoverMillis.add(TimeUnit.NANOSECONDS.toMillis(first.completedNanos() - cut)),
        () -> broken.add("the majority acknowledged nothing for " + GUARD.toSeconds() + " s"));
    expect(
        "more acknowledgements by the majority",
        ledger.await(
            ACKNOWLEDGED_DURING,
            a -> a.isAcknowledged() && a.node() != leader && a.invokedNanos() >= cut,
            GUARD));
    expect(
        "attempts on the node that is cut off",
        ledger.await(TRIED_IN_VAIN, a -> a.node() == leader && a.invokedNanos() >= cut, GUARD));

    long healing = System.nanoTime();
    requireSilence(leader, cut, healing);
    long committed =
        cluster.statuses().values().stream().mapToLong(SutStatus::commitIndex).max().orElse(0);
    cluster.network().heal();
    cluster.awaitWhole(committed, GUARD);
    long whole = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healing);
    wholeMillis.add(whole);
    out.printf(
        "leader %d cut off (%s): acknowledged again after %s ms; healed: whole after %d ms%n",
        leader,
        how,
        failoverMillis.isEmpty() ? "-" : failoverMillis.get(failoverMillis.size() - 1),
        whole);
  }

  /** What began after the cut cannot have reached a quorum before the healing. */
  private void requireSilence(long leader, long cut, long healing) {
    List<Attempt> wrong =
        ledger.attempts().stream()
            .filter(a -> a.node() == leader && a.isAcknowledged())
            .filter(a -> a.invokedNanos() >= cut && a.completedNanos() <= healing)
            .toList();
    if (!wrong.isEmpty()) {
      broken.add(
          "node " + leader + " was cut off and acknowledged " + Examples.of("transactions", wrong));
    }
  }

  private void expect(String what, Optional<Attempt> seen) {
    if (seen.isEmpty()) {
      missing.add("there were no " + what + " within " + GUARD.toSeconds() + " s");
    }
  }

  /** One line for scripts. */
  String summary(Verdict verdict) {
    return "JEPSEN partition verdict="
        + verdict.status()
        + " rounds="
        + wholeMillis.size()
        + " acknowledged="
        + ledger.count(Result.ACKNOWLEDGED)
        + " not_applied="
        + ledger.count(Result.NOT_APPLIED)
        + " unknown="
        + ledger.count(Result.UNKNOWN)
        + " failover_ms_median="
        + median(failoverMillis)
        + " failover_ms_max="
        + failoverMillis.stream().mapToLong(Long::longValue).max().orElse(-1)
        + " whole_ms_max="
        + wholeMillis.stream().mapToLong(Long::longValue).max().orElse(-1);
  }

  private static long median(List<Long> values) {
    List<Long> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.isEmpty() ? -1 : sorted.get(sorted.size() / 2);
  }
}
