package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Findings;
import dev.balsa.jepsen.check.ResultsJson;
import dev.balsa.jepsen.cluster.ClusterException;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.HistoryReader;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.json.JsonText;
import dev.balsa.jepsen.nemesis.Fault;
import dev.balsa.jepsen.report.HtmlReport;
import dev.balsa.jepsen.report.RunFolder;
import dev.balsa.jepsen.workload.Operation;
import dev.balsa.jepsen.workload.ReadLevel;
import dev.balsa.jepsen.workload.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A run, from an empty folder to a verdict. An interrupt breaks it off: what was done to the system
 * is healed, and all is ended, before {@link InterruptedException} leaves {@link #run}.
 */
public final class TestRun {
  /** The history's file in a run's folder. */
  public static final String HISTORY = "history.edn";

  static final String CONFIG = "config.json";
  static final String LEADERS = "leaders.edn";

  private static final Duration SETUP_MAX = Duration.ofSeconds(60);
  private static final Duration WHOLE_MAX = Duration.ofSeconds(60);
  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int FINAL_READS_MAX = 20;

  private final Settings settings;
  private final Workload workload;
  private final Path folder;
  private final PrintStream out;
  private final LeaderLog leaders = new LeaderLog();
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final List<String> excused = new ArrayList<>();
  private final List<String> faultNames = new ArrayList<>();

  /**
   * Creates it.
   *
   * @param workload the one that the settings name
   * @param folder for all that the run leaves; must exist
   * @param out for people
   */
  public TestRun(Settings settings, Workload workload, Path folder, PrintStream out) {
    this.settings = settings;
    this.workload = workload;
    this.folder = folder;
    this.out = out;
  }

  /**
   * Runs and judges.
   *
   * @param system not started yet; closed in the end
   * @throws IllegalArgumentException if it cannot be run so, such as with faults that there are
   *     none of
   */
  public Result run(SystemUnderTest system) throws IOException, InterruptedException {
    try (system) {
      Files.writeString(folder.resolve(CONFIG), JsonText.indented(settings.toMap()));
      record(system);
    }
    History history = HistoryReader.read(folder.resolve(HISTORY));
    measure(history);
    findings.addAll(Findings.of(workload.checkers(), history).findings());
    findings.add(new Coverage(settings.coverage(), workload.kinds(), faultNames).check(history));
    Result result = new Result(findings, facts);
    ResultsJson.write(result.all(), folder.resolve(ResultsJson.FILE));
    HtmlReport.write(folder, RunFolder.read(folder));
    return result;
  }

  /** All that needs the system; what it does not bring about is a finding. */
  private void record(SystemUnderTest system) throws IOException, InterruptedException {
    List<String> wrong = new ArrayList<>();
    boolean stopped = false;
    try (Recorder recorder = Recorder.create(folder.resolve(HISTORY))) {
      try {
        system.start();
        setUp(system);
        torment(system, recorder);
        system.awaitQuiet(WHOLE_MAX);
        recorder.nemesis(Op.QUIET, null);
        readAtLast(system, recorder);
        system.stop();
        stopped = true;
      } catch (ClusterException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException(); // whoever breaks off ends what was waited for
        }
        wrong.add(String.valueOf(e.getMessage()));
      }
      if (!stopped) {
        wrong.addAll(system.problems());
      }
    } finally {
      leaders.write(folder.resolve(LEADERS));
    }
    findings.add(
        Finding.of(
            "whole",
            wrong.stream().map(w -> new Anomaly("not-whole", w, List.of(), List.of())).toList(),
            List.of(),
            Map.of("problems", wrong.size())));
    if (stopped) {
      findings.addAll(system.autopsy(folder.resolve("databases"), excused));
      facts.putAll(system.facts());
    }
  }

  private void setUp(SystemUnderTest system) throws IOException, InterruptedException {
    for (int i = 0; i < workload.setup().size(); i++) {
      Operation operation = Operation.write("setup", null, List.of(workload.setup().get(i)));
      Setup.perform(system, operation, SETUP_MAX);
    }
  }

  private void torment(SystemUnderTest system, Recorder recorder)
      throws IOException, InterruptedException {
    List<Fault> faults = possible(system.faults(settings.faults()));
    Nemesis nemesis =
        new Nemesis(
            system,
            faults,
            recorder,
            settings.faultInterval(),
            settings.coverage().duringFault(),
            WHOLE_MAX,
            settings.seed());
    Clients clients = Clients.start(settings, system, workload, recorder);
    Progress progress = Progress.start(system, recorder, nemesis, leaders, out);
    try {
      try {
        nemesis.run(settings.timeLimit());
      } finally {
        nemesis.heal();
      }
      system.awaitWhole(WHOLE_MAX);
    } finally {
      clients.end();
      progress.end();
      recoveries(nemesis);
    }
    List<String> problems = new ArrayList<>(clients.problems());
    problems.addAll(progress.problems());
    if (!problems.isEmpty()) {
      throw new IOException("the harness is broken: " + problems);
    }
  }

  private List<Fault> possible(List<Fault> faults) {
    List<Fault> possible = new ArrayList<>();
    for (Fault fault : faults) {
      Optional<String> missing = fault.missing();
      if (missing.isPresent()) {
        out.println("without " + fault.name() + ": " + missing.get());
      } else {
        possible.add(fault);
        faultNames.add(fault.name());
        excused.addAll(fault.excusedLogLines());
      }
    }
    if (possible.isEmpty() && !faults.isEmpty()) {
      throw new IllegalArgumentException("none of the faults can be brought about here");
    }
    return possible;
  }

  private void recoveries(Nemesis nemesis) {
    List<Recovery> recoveries = nemesis.recoveries();
    List<Long> millis = recoveries.stream().map(Recovery::wholeMillis).toList();
    findings.add(Healing.judge(recoveries, settings.wholeMax()));
    facts.put("faults", recoveries.size());
    if (recoveries.isEmpty()) {
      return;
    }
    facts.put("whole-ms-median", Failovers.median(millis));
    facts.put("whole-ms-max", Collections.max(millis));
    facts.put(
        "elections-while-healing-max",
        recoveries.stream().mapToLong(Recovery::elections).max().orElse(0));
    facts.put(
        "recoveries",
        recoveries.stream()
            .map(r -> r.fault() + " " + r.wholeMillis() + " ms, " + r.elections() + " elections")
            .toList());
  }

  /** Each node is read when all is quiet; each attempt is recorded. */
  private void readAtLast(SystemUnderTest system, Recorder recorder)
      throws IOException, InterruptedException {
    Optional<Operation> read = workload.finalRead();
    if (read.isEmpty()) {
      return;
    }
    for (long node : system.nodes()) {
      try (Worker worker =
          new Worker(0, system, recorder, ReadLevel.STALE, new SplittableRandom(node))) {
        boolean done = false;
        for (int i = 0; i < FINAL_READS_MAX && !done; i++) {
          done = worker.read(read.get(), node, ReadLevel.STALE);
          if (!done) {
            LockSupport.parkNanos(AGAIN_NANOS);
          }
        }
        if (!done) {
          throw new ClusterException("node " + node + " cannot be read when all is healed");
        }
      }
    }
  }

  private void measure(History history) {
    Map<String, Object> measured = new LinkedHashMap<>();
    long ok = history.calls().stream().filter(c -> c.outcome() == Op.Type.OK).count();
    long fail = history.calls().stream().filter(c -> c.outcome() == Op.Type.FAIL).count();
    measured.put("ok", ok);
    measured.put("fail", fail);
    measured.put("info", history.calls().size() - ok - fail);
    measured.put("elections", leaders.elections());
    List<Long> failovers = Failovers.millis(history, leaders.samples(), Failovers::isWrite);
    measured.put("failovers", failovers.size());
    if (!failovers.isEmpty()) {
      measured.put("failover-ms-median", Failovers.median(failovers));
      measured.put("failover-ms-max", Collections.max(failovers));
    }
    measured.putAll(facts);
    facts.clear();
    facts.putAll(measured);
  }
}
