package dev.balsa.demo;

import dev.balsa.demo.NodeProcess.Signal;
import dev.balsa.node.DataFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the demo: starts the nodes, kills and restarts them, lets them settle, closes them and
 * judges what they left.
 *
 * <p>One thread does everything: it takes what the processes say from one queue, and between two
 * words does what the time has come for. {@link #close} may be called by any thread.
 */
public final class DemoSupervisor implements AutoCloseable {
  private static final long SECOND = 1_000_000_000L;
  private static final long SHOW_NANOS = SECOND / 5;

  /** A dead node stays dead that long, so that its peers are alone for a moment. */
  private static final long DEAD_NANOS = SECOND;

  // Only against hanging: the time is what a very slow machine may need.
  private static final long START_GUARD_NANOS = 120 * SECOND;
  private static final long SETTLE_GUARD_NANOS = 180 * SECOND;
  private static final long CLOSE_GUARD_NANOS = 60 * SECOND;

  private final DemoOptions options;
  private final DemoScreen screen;
  private final KillPlan plan;
  private final List<Member> members = new ArrayList<>();
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Timeline timeline = new Timeline();
  private final TreeSet<Long> leaderTerms = new TreeSet<>();
  private final List<Long> readyMillis = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final List<NodeProcess> lives = new ArrayList<>();
  private final long beginNanos = System.nanoTime();

  private String phase = "starting";
  private long runBeginNanos;
  private long shownNanos;
  private boolean killing;
  private boolean restarting = true;
  private boolean finishing;
  private boolean closing;
  private boolean quorumFit;
  private int kills;
  private int leaderKills;
  private long unknown;
  private boolean abandoned;

  /** Prepares a run; starts nothing yet. */
  public DemoSupervisor(DemoOptions options, DemoScreen screen) throws IOException {
    this.options = options;
    this.screen = screen;
    this.plan = new KillPlan(options.seed(), options.seconds() * SECOND);
    List<Integer> ports = FreePorts.find(options.nodes());
    for (int i = 0; i < options.nodes(); i++) {
      members.add(new Member(i + 1, ports.get(i)));
    }
  }

  /**
   * Runs it all.
   *
   * @throws DemoFailedException if it came to no end that could be judged
   */
  DemoSummary run() throws IOException, InterruptedException {
    for (Member member : members) {
      start(member);
    }
    await(START_GUARD_NANOS, "not all nodes became ready", () -> fit() == members.size());
    runBeginNanos = System.nanoTime();
    phase = "running";
    killing = options.kill();
    if (killing) {
      members.forEach(this::scheduleDeath);
    }
    long runNanos = options.seconds() * SECOND;
    await(Long.MAX_VALUE, "", () -> System.nanoTime() - runBeginNanos >= runNanos);
    double seconds = (System.nanoTime() - runBeginNanos) / (double) SECOND;
    killing = false;

    phase = "settling";
    event(
        options.kill() ? "no more kills; waiting until all nodes agree" : "waiting for agreement");
    finishing = true;
    members.forEach(member -> tell(member, DemoNode.FINISH));
    await(SETTLE_GUARD_NANOS, "the nodes did not come to the same applied index", this::settled);
    final long endMicros = micros();

    phase = "closing";
    restarting = false;
    closing = true;
    members.forEach(member -> tell(member, DemoNode.CLOSE));
    await(CLOSE_GUARD_NANOS, "not all nodes closed", () -> members.stream().allMatch(Member::gone));
    phase = "checking";
    show();
    return judge(seconds, endMicros);
  }

  private DemoSummary judge(double seconds, long endMicros) throws IOException {
    List<Acknowledgement> acknowledged = AcknowledgementLog.readAll(options.acknowledgements());
    Map<Long, Path> databases = new TreeMap<>();
    for (Member member : members) {
      databases.put(
          member.node, new DataFolder(options.nodeFolder(member.node)).database(DemoNode.DATABASE));
    }
    long[] ids =
        acknowledged.stream().flatMap(a -> a.ids().stream()).mapToLong(Long::longValue).toArray();
    DemoChecker.Verdict verdict =
        new DemoChecker(DemoNode.TABLE, options.copies()).check(databases, ids);
    return new DemoSummary(
        options,
        seconds,
        acknowledged.size(),
        unknown,
        kills,
        leaderKills,
        leaderTerms.size(),
        timeline.pauses(acknowledged, endMicros),
        readyMillis,
        verdict,
        failures);
  }

  /** Works until a condition holds. */
  private void await(long guardNanos, String otherwise, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (isAbandoned()) {
        new CountDownLatch(1).await(); // the process is on its way out, and has closed the screen
      }
      if (System.nanoTime() - begin > guardNanos) {
        throw new DemoFailedException(otherwise + " within " + guardNanos / SECOND + " s");
      }
      Signal signal = signals.poll(20, TimeUnit.MILLISECONDS);
      while (signal != null) {
        take(signal);
        signal = signals.poll();
      }
      act();
      if (System.nanoTime() - shownNanos >= SHOW_NANOS) {
        show();
      }
    }
  }

  private void take(Signal signal) throws IOException {
    Member member = members.get((int) signal.process().node() - 1);
    if (member.process != signal.process()) {
      return; // a life that is over
    }
    if (signal instanceof Signal.Said said) {
      heard(member, said);
    } else if (signal instanceof Signal.Ended ended) {
      ended(member, ended.exitCode());
    }
  }

  private void heard(Member member, Signal.Said said) {
    String line = said.line();
    if (line.startsWith(NodeReport.PREFIX)) {
      NodeReport report = NodeReport.parse(line);
      member.report = report;
      if (report.leads() && leaderTerms.add(report.term())) {
        event("node " + member.node + " elected leader of term " + report.term());
      }
      if (report.ready() && member.readyNanos == null) {
        ready(member, said.process());
      }
    } else if (line.startsWith(DemoNode.FAILED)) {
      String why = "node " + member.node + ": " + line.substring(DemoNode.FAILED.length());
      failures.add(why);
      event(why);
    } else {
      event("node " + member.node + " says: " + line);
    }
  }

  private void ready(Member member, NodeProcess life) {
    long now = System.nanoTime();
    member.readyNanos = now;
    long millis = (now - life.startedNanos()) / 1_000_000;
    if (life.boot() > 1) {
      readyMillis.add(millis);
    }
    event(String.format(Locale.ROOT, "node %d ready after %,d ms", member.node, millis));
    noteQuorum();
    if (killing) {
      scheduleDeath(member);
    }
  }

  private void scheduleDeath(Member member) {
    if (member.process != null) {
      member.dieNanos = System.nanoTime() + plan.lifeNanos(member.node, member.process.boot());
    }
  }

  private void ended(Member member, int exitCode) throws IOException {
    boolean expected = member.dying || (closing && exitCode == 0);
    member.closed = expected && closing;
    unknown += member.report.unknown();
    member.end(System.nanoTime() + DEAD_NANOS);
    noteQuorum();
    if (!expected && !isAbandoned()) {
      if (exitCode == 130 || exitCode == 143) {
        throw new DemoFailedException("interrupted");
      }
      String what = "node " + member.node + " ended by itself, with exit code " + exitCode;
      event(what);
      failures.add(what + ": see " + options.logFile(member.node));
      if (runBeginNanos == 0 || closing) {
        throw new DemoFailedException(what + "; its log ends: " + LogTail.of(options, member.node));
      }
    }
  }

  /** Does what the time has come for. */
  private void act() throws IOException {
    long now = System.nanoTime();
    for (Member member : members) {
      if (member.process == null) {
        if (restarting && now >= member.restartNanos) {
          start(member);
          event("node " + member.node + " restarted");
        }
      } else if (killing && !member.dying && isDue(member, now)) {
        kill(member);
      }
    }
  }

  private boolean isDue(Member member, long now) {
    Long ready = member.readyNanos;
    Long die = member.dieNanos;
    if (ready == null || die == null) {
      return false;
    }
    return now >= die
        || (member == leader()
            && fit() - 1 >= options.quorum()
            && plan.leaderIsDue(
                now - runBeginNanos, leaderKills, now - Math.max(ready, runBeginNanos)));
  }

  private void kill(Member member) {
    NodeProcess life = member.process;
    if (life == null) {
      return;
    }
    boolean leads = member == leader();
    int othersFit = fit() - (member.fit() ? 1 : 0);
    timeline.died(
        new Timeline.Death(micros(), member.node, life.boot(), leads, othersFit, members.size()));
    life.kill();
    member.dying = true;
    member.deaths++;
    kills++;
    if (leads) {
      leaderKills++;
    }
    event(
        "node "
            + member.node
            + " killed"
            + (leads ? " (the leader of term " + member.report.term() + ")" : "")
            + (othersFit < options.quorum() ? ": no quorum until one is back" : ""));
    noteQuorum();
  }

  private synchronized boolean isAbandoned() {
    return abandoned;
  }

  private synchronized void start(Member member) throws IOException {
    if (abandoned) {
      return;
    }
    member.boots++;
    NodeProcess life =
        NodeProcess.start(
            member.node,
            member.boots,
            ChildJvm.command(arguments(member)),
            options.logFile(member.node),
            signals);
    lives.add(life);
    member.begin(life);
    if (finishing) {
      life.tell(DemoNode.FINISH);
    }
  }

  private List<String> arguments(Member member) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                DemoNode.COMMAND,
                "--id=" + member.node,
                "--boot=" + member.boots,
                "--seed=" + options.seed(),
                "--dir=" + options.folder(),
                "--listen=127.0.0.1:" + member.port));
    for (Member peer : members) {
      if (peer != member) {
        arguments.add("--peer=" + peer.node + "=127.0.0.1:" + peer.port);
      }
    }
    return arguments;
  }

  /** All up, applications stopped, and the same index applied everywhere, with nothing after it. */
  private boolean settled() {
    long applied = members.get(0).report.applied();
    Member leader = leader();
    return leader != null
        && leader.report.last() == applied
        && members.stream()
            .allMatch(
                m ->
                    m.fit()
                        && m.report.finished()
                        && m.report.applied() == applied
                        && m.report.last() == applied);
  }

  private @Nullable Member leader() {
    Member leader = null;
    for (Member member : members) {
      if (member.process != null
          && member.report.leads()
          && (leader == null || member.report.term() > leader.report.term())) {
        leader = member;
      }
    }
    return leader;
  }

  private int fit() {
    return (int) members.stream().filter(Member::fit).count();
  }

  private void noteQuorum() {
    boolean now = fit() >= options.quorum();
    if (now && !quorumFit) {
      timeline.quorumRestored(micros());
    }
    quorumFit = now;
  }

  private static void tell(Member member, String line) {
    NodeProcess life = member.process;
    if (life != null) {
      life.tell(line);
    }
  }

  private void event(String text) {
    screen.event(
        String.format(Locale.ROOT, "%6.1f s", (System.nanoTime() - beginNanos) / 1e9), text);
  }

  private void show() {
    shownNanos = System.nanoTime();
    long elapsed = runBeginNanos == 0 ? 0 : (shownNanos - runBeginNanos) / SECOND;
    String title =
        String.format(
            Locale.ROOT,
            "Balsa demo: %s, %d of %d s, %d kills, seed %d",
            phase,
            Math.min(elapsed, options.seconds()),
            options.seconds(),
            kills,
            options.seed());
    screen.show(title, members.stream().map(Member::line).toList());
  }

  private static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** Kills what still runs and waits until it is gone. */
  @Override
  public void close() {
    List<NodeProcess> running;
    synchronized (this) {
      abandoned = true;
      running = List.copyOf(lives);
    }
    running.forEach(NodeProcess::kill);
    try {
      for (NodeProcess life : running) {
        life.awaitEnd(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    screen.close();
  }
}
