package dev.balsa.bench.raft;

import dev.balsa.bench.BenchFolder;
import dev.balsa.bench.NodeProcess;
import dev.balsa.bench.Progress;
import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.load.LoadReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The run: all contenders' clusters at once, under load in turns. */
final class RaftRun implements AutoCloseable {
  /**
   * Warm is who compiles no longer than this share of the time, over all its nodes. On a busy
   * machine the JVMs' compilers are long at work, and take more than the nodes themselves.
   */
  private static final double COMPILING_SHARE_MAX = 0.1;

  /** How often the warming up is repeated for that, at the most. */
  private static final int WARM_UPS_MAX = 10;

  /** How often a load may be lost in all, say by a change of leaders. */
  private static final int LOST_MAX = 10;

  private final Plan plan;
  private final PrintStream out;
  private final Progress progress;
  private final List<Cluster> clusters = Collections.synchronizedList(new ArrayList<>());
  private int lost;

  private RaftRun(Plan plan, PrintStream out, Progress progress) {
    this.plan = plan;
    this.out = out;
    this.progress = progress;
  }

  /**
   * What is run.
   *
   * @param contenders at least one
   * @param windows entries in flight, one after the other
   * @param rounds of each contender at each window
   * @param roundMillis how long a round is measured
   * @param warmUpMillis how long each is warmed up at each window; and so long again and again in
   *     the beginning, until its JVMs hardly compile any more
   * @param nodeArguments more arguments for the JVMs of our own nodes
   */
  record Plan(
      List<Contender> contenders,
      List<Integer> windows,
      int rounds,
      long roundMillis,
      long warmUpMillis,
      List<String> nodeArguments) {
    /** How long a round runs before it is measured. */
    long leadInMillis() {
      return roundMillis / 5;
    }

    /** About how long it takes. */
    long seconds() {
      long ofWindow = warmUpMillis + rounds * (leadInMillis() + roundMillis);
      return (warmUpMillis + windows.size() * ofWindow) * contenders.size() / 1000;
    }
  }

  /**
   * Runs, and prints what is measured. No process and no file is left, also if this process is told
   * to end meanwhile.
   *
   * @param parent a folder on the disk to be measured
   */
  static void run(Plan plan, Path parent, PrintStream out, Progress progress)
      throws IOException, InterruptedException, RunFailedException {
    RaftRun run = new RaftRun(plan, out, progress);
    try {
      BenchFolder.use(
          parent,
          run::kill,
          folder -> {
            try (run) {
              run.start(folder);
              run.measure();
            }
          });
    } finally {
      progress.clear();
    }
  }

  /** This process is told to end. */
  private void kill() {
    synchronized (clusters) {
      clusters.forEach(Cluster::kill);
    }
  }

  private void start(Path folder) throws IOException, InterruptedException, RunFailedException {
    for (Contender contender : plan.contenders()) {
      progress.show("starting " + contender.label());
      Cluster cluster = Cluster.start(contender, folder, plan.nodeArguments());
      clusters.add(cluster);
      cluster.awaitReady();
    }
    progress.clear();
    out.printf(
        Locale.ROOT,
        "Each of %s: %d processes on loopback, entries of %d bytes, load from the leader's process;"
            + " %d rounds of %d ms at each window, in turns, after %d ms to warm up; about %d s,"
            + " and more on a busy machine."
            + "%n",
        plan.contenders().stream().map(Contender::label).toList(),
        Cluster.NODES,
        Cluster.PAYLOAD_BYTES,
        plan.rounds(),
        plan.roundMillis(),
        plan.warmUpMillis(),
        plan.seconds());
    out.printf(
        Locale.ROOT,
        "%d processors, Java %s with %s, data in %s%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        String.join(" ", NodeProcess.JVM_ARGUMENTS)
            + " "
            + String.join(" ", Contender.JVM_ARGUMENTS),
        folder);
    clusters.forEach(
        cluster -> out.printf("%-5s  %s%n", cluster.contender().label(), cluster.settings()));
    out.flush();
  }

  private void measure() throws InterruptedException, RunFailedException {
    for (Cluster cluster : clusters) {
      warmUp(cluster);
    }
    for (int window : plan.windows()) {
      measure(window);
    }
  }

  /** Small and large batches in turns, until the JVMs have compiled what there is. */
  private void warmUp(Cluster cluster) throws InterruptedException, RunFailedException {
    long begun = System.nanoTime();
    double share = 1;
    int times = 0;
    for (; times < WARM_UPS_MAX && share > COMPILING_SHARE_MAX; times++) {
      progress.show("warming up " + cluster.contender().label());
      long compiledBefore = cluster.compilationMillis();
      long from = System.nanoTime();
      for (int window : plan.windows()) {
        load(cluster, window, 0, Math.max(1, plan.warmUpMillis() / plan.windows().size()));
      }
      long passedMillis = (System.nanoTime() - from) / 1_000_000;
      share = (double) (cluster.compilationMillis() - compiledBefore) / Math.max(1, passedMillis);
    }
    progress.clear();
    out.printf(
        Locale.ROOT,
        "%-5s  warmed up in %.1f s; its JVMs compiled for %.0f%% of the last %d ms%n",
        cluster.contender().label(),
        (System.nanoTime() - begun) / 1e9,
        100 * share,
        plan.warmUpMillis());
    out.flush();
  }

  private void measure(int window) throws InterruptedException, RunFailedException {
    Map<Contender, Tally> tallies = new EnumMap<>(Contender.class);
    for (Cluster cluster : clusters) {
      tallies.put(cluster.contender(), new Tally());
      progress.show("window " + window + ", warming up " + cluster.contender().label());
      load(cluster, window, 0, plan.warmUpMillis());
    }
    List<Cluster> turns = new ArrayList<>(clusters);
    for (int round = 1; round <= plan.rounds(); round++) {
      for (Cluster cluster : turns) {
        progress.show(
            "window %d, round %d of %d: %s"
                .formatted(window, round, plan.rounds(), cluster.contender().label()));
        Tally tally = tallies.get(cluster.contender());
        if (tally != null) {
          tally.add(load(cluster, window, plan.leadInMillis(), plan.roundMillis()));
        }
      }
      Collections.rotate(turns, 1); // who comes first changes
    }
    print(window, tallies);
  }

  private LoadReport load(Cluster cluster, int window, long leadInMillis, long millis)
      throws InterruptedException, RunFailedException {
    while (true) {
      try {
        return cluster.load(window, leadInMillis, millis);
      } catch (Cluster.LostException e) {
        lost++;
        progress.clear();
        out.printf(
            "a round of %s is repeated, since it was lost: %s%n",
            cluster.contender().label(), e.getMessage());
        if (lost > LOST_MAX) {
          throw new RunFailedException(lost + " rounds were lost");
        }
      }
    }
  }

  private void print(int window, Map<Contender, Tally> tallies) {
    progress.clear();
    out.printf("window %d%n", window);
    tallies.forEach(
        (contender, tally) -> out.printf("  %-5s %s%n", contender.label(), tally.toText()));
    Tally ours = tallies.get(Contender.OURS);
    Tally floor = tallies.get(Contender.FLOOR);
    Tally jraft = tallies.get(Contender.JRAFT);
    if (ours != null && floor != null && jraft != null) {
      print(
          new Comparison(
              window, ours.entriesPerSecond(), floor.entriesPerSecond(), jraft.entriesPerSecond()));
    }
    out.flush();
  }

  private void print(Comparison comparison) {
    out.println(comparison.toLine());
    String warning = comparison.warning();
    if (warning != null) {
      out.println(warning);
    }
  }

  /** Ends the nodes. */
  @Override
  public void close() {
    // All are told first, so that they end together.
    synchronized (clusters) {
      clusters.parallelStream().forEach(Cluster::close);
    }
  }
}
