package dev.balsa.bench.sql;

import dev.balsa.bench.BenchFolder;
import dev.balsa.bench.DiskYardstick;
import dev.balsa.bench.NodeProcess;
import dev.balsa.bench.Progress;
import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.sql.SqliteProcess.Sharing;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The run: Balsa's nodes, plain SQLite and Raft alone, all at once, under load in turns. */
final class SqlRun {
  /** Warm is who compiles no longer than this share of the time, over all its processes. */
  private static final double COMPILING_SHARE_MAX = 0.1;

  /** How often the warming up is repeated for that, at the most. */
  private static final int WARM_UPS_MAX = 8;

  private final SqlPlan plan;
  private final PrintStream out;
  private final Progress progress;
  private final Path folder;
  private final DiskYardstick disk;
  private final Measured ours;
  private final Measured local;
  private final RaftRounds raft;

  private SqlRun(
      SqlPlan plan,
      Path folder,
      DiskYardstick disk,
      Processes processes,
      PrintStream out,
      Progress progress)
      throws IOException, InterruptedException, RunFailedException {
    this.plan = plan;
    this.folder = folder;
    this.disk = disk;
    this.out = out;
    this.progress = progress;
    List<String> nodeArguments = new ArrayList<>(plan.nodeArguments());
    nodeArguments.addAll(plan.arguments());
    progress.show("starting all processes");
    ours = new Measured(processes.startOurs(folder, nodeArguments));
    ours.nodes().awaitReady(); // what cannot start is told before the rest is started
    local = new Measured(processes.startLocal(folder, plan.arguments()));
    raft = new RaftRounds(processes.startRaft(folder, nodeArguments));
  }

  /**
   * Runs, and prints what is measured. No process and no file is left, also if this process is told
   * to end meanwhile.
   *
   * @param parent a folder on the disk to be measured
   * @return what the cases came to
   */
  static List<CaseResult> run(SqlPlan plan, Path parent, PrintStream out, Progress progress)
      throws IOException, InterruptedException, RunFailedException {
    Processes processes = new Processes();
    List<CaseResult> results = new ArrayList<>();
    try {
      BenchFolder.use(
          parent,
          processes::kill,
          folder -> {
            try (DiskYardstick disk = DiskYardstick.prepare(folder, Processes.NODES);
                processes) {
              SqlRun run = new SqlRun(plan, folder, disk, processes, out, progress);
              run.awaitReady();
              results.addAll(run.measure());
            }
          });
      return results;
    } finally {
      progress.clear();
    }
  }

  private void awaitReady() throws InterruptedException, RunFailedException {
    ours.nodes().awaitReady();
    local.nodes().awaitReady();
    raft.cluster().awaitReady();
    progress.clear();
    out.printf(
        Locale.ROOT,
        "%d cases; in each %d rounds of %d ms, of Balsa (3 processes on loopback, load in the"
            + " leader's) and of plain SQLite (one process) in turns, after %d ms to warm up; about"
            + " %d s, and more on a busy machine.%n",
        plan.cases().size(),
        plan.rounds(),
        plan.roundMillis(),
        plan.warmUpMillis(),
        plan.seconds());
    out.printf(
        Locale.ROOT,
        "%d processors, Java %s with %s, data in %s%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        String.join(" ", NodeProcess.JVM_ARGUMENTS),
        folder);
    out.printf("  ours     %s; node %d leads%n", ours.nodes().settings(), ours.nodes().leader());
    out.printf("  sqlite   %s%n", local.nodes().settings());
    for (Sharing sharing : Sharing.values()) {
      out.printf("  -%-7s %s%n", sharing.label(), sharing.description());
    }
    out.printf("  raft-w1  %s; one entry of 100 bytes in flight%n", raft.cluster().settings());
    out.printf(
        "SELECT and UPDATE take one of %d rows at random; with one thread plain SQLite has one"
            + " connection; of its two ways the better one counts.%n",
        Schema.ITEMS);
    out.flush();
  }

  private List<CaseResult> measure() throws IOException, InterruptedException, RunFailedException {
    progress.show("making databases");
    for (SqlCase which : plan.cases()) {
      ours.make(which.label());
      for (Sharing sharing : plan.sharings(which)) {
        local.make(database(which, sharing));
      }
    }
    warmUp();
    List<CaseResult> results = new ArrayList<>();
    for (SqlCase which : plan.cases()) {
      results.add(measure(which));
    }
    progress.clear();
    out.println("Bounds, by this run's figures:");
    Bounds.of(results).forEach(line -> out.println(line.toText()));
    out.flush();
    return results;
  }

  private static String database(SqlCase which, Sharing sharing) {
    return which.label() + " " + sharing.label();
  }

  private interface WarmUp {
    void run(long millis) throws InterruptedException, RunFailedException;
  }

  private interface Compiled {
    long millis() throws InterruptedException, RunFailedException;
  }

  /** All cases in turns, until the JVMs have compiled what there is. */
  private void warmUp() throws InterruptedException, RunFailedException {
    int cases = plan.cases().size();
    warmUp(
        "ours",
        ours.nodes()::compilationMillis,
        millis -> {
          for (SqlCase which : plan.cases()) {
            ours.load(which.label(), 0, Math.max(1, millis / cases));
          }
        });
    warmUp(
        "sqlite",
        local.nodes()::compilationMillis,
        millis -> {
          for (SqlCase which : plan.cases()) {
            local.load(database(which, Sharing.SHARED), 0, Math.max(1, millis / cases));
          }
        });
    warmUp("raft-w1", raft.cluster()::compilationMillis, millis -> raft.load(0, millis));
  }

  private void warmUp(String name, Compiled compiled, WarmUp load)
      throws InterruptedException, RunFailedException {
    long begun = System.nanoTime();
    double share = 1;
    for (int times = 0; times < WARM_UPS_MAX && share > COMPILING_SHARE_MAX; times++) {
      progress.show("warming up " + name);
      long before = compiled.millis();
      long from = System.nanoTime();
      load.run(plan.warmUpMillis());
      long passedMillis = (System.nanoTime() - from) / 1_000_000;
      share = (double) (compiled.millis() - before) / Math.max(1, passedMillis);
    }
    progress.clear();
    out.printf(
        Locale.ROOT,
        "%-8s warmed up in %.1f s; its JVMs compiled for %.0f%% of the last %d ms%n",
        name,
        (System.nanoTime() - begun) / 1e9,
        100 * share,
        plan.warmUpMillis());
    out.flush();
  }

  private CaseResult measure(SqlCase which)
      throws IOException, InterruptedException, RunFailedException {
    progress.show(which.label() + ", the disk");
    long diskNanos = SqlPlan.DISK_MILLIS * 1_000_000;
    disk.forcesPerSecond(1, diskNanos); // what the case before has left to be written is not meant
    double one = disk.forcesPerSecond(1, diskNanos);
    double together = disk.forcesPerSecond(Processes.NODES, diskNanos);
    CaseRounds rounds = new CaseRounds(which, plan, ours, local, raft);
    progress.show(which.label() + ", warming up");
    rounds.warmUp(plan.warmUpMillis());
    List<CaseRounds.Turn> turns = rounds.turns();
    for (int round = 1; round <= plan.rounds(); round++) {
      for (CaseRounds.Turn turn : turns) {
        progress.show(
            "%s, round %d of %d: %s".formatted(which.label(), round, plan.rounds(), turn.name()));
        turn.work().run();
      }
      Collections.rotate(turns, 1); // who comes first changes
    }
    progress.show(which.label() + ", comparing what is there");
    List<String> checked = rounds.check();
    progress.clear();
    out.printf("%s: %s%n", which.label(), which.description());
    out.printf(
        Locale.ROOT,
        "  disk     %,9.0f fdatasync/s of one file, %,.0f of each of %d at once%n",
        one,
        together,
        Processes.NODES);
    rounds.print(out);
    checked.forEach(line -> out.println("  " + line));
    CaseResult result = rounds.result();
    out.println(result.toLine());
    out.flush();
    return result;
  }
}
