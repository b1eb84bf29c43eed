package dev.balsa.bench.sql;

import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.sql.SqliteProcess.Sharing;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The rounds of all contenders in one case. */
final class CaseRounds {
  private final SqlCase which;
  private final SqlPlan plan;
  private final Measured ours;
  private final Measured local;
  private final RaftRounds raft;
  private final SqlTally ourTally = new SqlTally();
  private final Map<Sharing, SqlTally> localTallies = new EnumMap<>(Sharing.class);
  private final List<Double> raftRates = new ArrayList<>();
  private final List<GapStory> gaps = new ArrayList<>();
  private final int lostBefore;

  CaseRounds(SqlCase which, SqlPlan plan, Measured ours, Measured local, RaftRounds raft) {
    this.which = which;
    this.plan = plan;
    this.ours = ours;
    this.local = local;
    this.raft = raft;
    this.lostBefore = ours.lost();
    plan.sharings(which).forEach(sharing -> localTallies.put(sharing, new SqlTally()));
  }

  /** What a round of a contender is. */
  interface Work {
    void run() throws InterruptedException, RunFailedException;
  }

  /** A contender's turn in a round. */
  record Turn(String name, Work work) {}

  private String database(Sharing sharing) {
    return which.label() + " " + sharing.label();
  }

  void warmUp(long millis) throws InterruptedException, RunFailedException {
    ours.load(which.label(), 0, millis);
    for (Sharing sharing : localTallies.keySet()) {
      local.load(database(sharing), 0, millis);
    }
  }

  /** All contenders' turns. */
  List<Turn> turns() {
    long leadIn = plan.leadInMillis();
    List<Turn> turns = new ArrayList<>();
    turns.add(new Turn("ours", () -> ourRound(leadIn, plan.roundMillis())));
    localTallies.forEach(
        (sharing, tally) ->
            turns.add(
                new Turn(
                    "sqlite-" + sharing.label(),
                    () -> tally.add(local.load(database(sharing), leadIn, plan.roundMillis())))));
    turns.add(
        new Turn(
            "raft-w1",
            () -> raftRates.add(raft.load(leadIn / 4, plan.raftMillis()).entriesPerSecond())));
    return turns;
  }

  private void ourRound(long leadInMillis, long millis)
      throws InterruptedException, RunFailedException {
    SqlReport report = ours.load(which.label(), leadInMillis, millis);
    ourTally.add(report);
    gaps.addAll(ours.stories(which, report));
  }

  /** Compares what is there with what was acknowledged; answers what was found. */
  List<String> check() throws InterruptedException, RunFailedException {
    List<String> lines = new ArrayList<>();
    lines.add("rows     " + ours.check(which.label()));
    for (Sharing sharing : localTallies.keySet()) {
      local.check(database(sharing));
    }
    int lost = ours.lost() - lostBefore;
    if (lost > 0) {
      lines.add("lost     " + lost + " rounds of ours, which were repeated");
    }
    return lines;
  }

  private Sharing betterSharing() {
    return localTallies.entrySet().stream()
        .max(Comparator.comparingDouble(entry -> entry.getValue().operationsPerSecond()))
        .orElseThrow()
        .getKey();
  }

  private double raftRate() {
    return SqlTally.median(raftRates.stream().mapToDouble(Double::doubleValue).sorted().toArray());
  }

  private double sentBytes() {
    return ourTally.sentBytesPerCall(Processes.NODES - 1);
  }

  /** Prints what was measured, for people. */
  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "  ours     %s; %,.0f bytes sent to each follower for a%s%n",
        ourTally.toText(),
        sentBytes(),
        which.writes() ? " transaction" : " read");
    gaps.stream()
        .max(Comparator.comparingLong(GapStory::micros))
        .ifPresent(gap -> out.println("           longest gap " + gap.toText()));
    Sharing better = betterSharing();
    localTallies.forEach(
        (sharing, tally) ->
            out.printf(
                Locale.ROOT,
                "  %-8s %s; longest gap %.1f ms%s%n",
                localTallies.size() == 1 ? "sqlite" : "-" + sharing.label(),
                tally.toText(),
                tally.longestGapNanos() / 1e6,
                localTallies.size() > 1 && sharing == better ? "; the better" : ""));
    out.printf(Locale.ROOT, "  raft-w1  %,9.0f/s%n", raftRate());
  }

  CaseResult result() {
    SqlTally better = localTallies.get(betterSharing());
    if (better == null) {
      throw new IllegalStateException("no yardstick");
    }
    return new CaseResult(
        which,
        ourTally.operationsPerSecond(),
        better.operationsPerSecond(),
        raftRate(),
        sentBytes(),
        gaps);
  }
}
