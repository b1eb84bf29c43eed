package dev.balsa.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * How a run went.
 *
 * @param options what was asked for
 * @param seconds that the run took, while nodes were killed
 * @param transactions acknowledged
 * @param unknown transactions whose outcome the application was not told, as far as known
 * @param kills nodes killed
 * @param leaderKills of these, leaders
 * @param elections terms that had a leader
 * @param pauses failovers and outages
 * @param readyMillis from a restarted process's start to its being ready
 * @param verdict the checker's
 * @param failures what else went wrong, a sentence each
 */
record DemoSummary(
    DemoOptions options,
    double seconds,
    long transactions,
    long unknown,
    int kills,
    int leaderKills,
    int elections,
    Timeline.Pauses pauses,
    List<Long> readyMillis,
    DemoChecker.Verdict verdict,
    List<String> failures) {
  /** A run with fewer acknowledged rows has shown nothing. */
  static final int ROWS_MIN = 2000;

  /** Why the run is no success, a sentence each. */
  List<String> objections() {
    List<String> objections = new ArrayList<>(failures);
    objections.addAll(verdict.problems());
    if (verdict.acknowledged() < ROWS_MIN) {
      objections.add(
          "only "
              + verdict.acknowledged()
              + " rows were acknowledged; "
              + ROWS_MIN
              + " are wanted");
    }
    if (options.kill() && leaderKills < KillPlan.LEADERS) {
      objections.add(
          "only "
              + leaderKills
              + " leaders died; "
              + KillPlan.LEADERS
              + " are wanted: give it more --seconds");
    }
    return objections;
  }

  /** The last line, for scripts. Times are -1 where there was none. */
  String line() {
    return "DEMO acknowledged="
        + verdict.acknowledged()
        + " lost="
        + verdict.lost()
        + " kills="
        + kills
        + " leader_kills="
        + leaderKills
        + " elections="
        + elections
        + " failover_ms_median="
        + median(toMillis(pauses.failovers()))
        + " failover_ms_max="
        + max(toMillis(pauses.failovers()))
        + " outage_ms_max="
        + max(toMillis(pauses.outages()))
        + " ready_ms_median="
        + median(readyMillis)
        + " identical="
        + verdict.identical();
  }

  /** For people. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%d nodes, %.0f s, seed %d%s",
            options.nodes(),
            seconds,
            options.seed(),
            options.kill() ? "" : ", nobody killed"));
    lines.add(
        row("transactions", "%,d acknowledged, %.0f/s", transactions, transactions / seconds)
            + (unknown == 0
                ? ""
                : String.format(Locale.ROOT, ", %,d of unknown outcome", unknown)));
    lines.add(
        row(
            "rows",
            "%,d acknowledged, %,d lost, %,d doubled",
            verdict.acknowledged(),
            verdict.lost(),
            verdict.doubled()));
    lines.add(row("kills", "%d, of which %d leaders", kills, leaderKills));
    lines.add(row("elections", "%d", elections));
    lines.add(row("failover", "%s", times(toMillis(pauses.failovers()))));
    lines.add(row("outage", "%s", times(toMillis(pauses.outages()))));
    lines.add(row("restart to ready", "%s", times(readyMillis)));
    lines.add(
        row(
            "databases",
            "%s, integrity_check %s",
            verdict.identical() ? "identical page by page" : "NOT IDENTICAL",
            verdict.intact() ? "ok" : "FAILED"));
    objections().forEach(objection -> lines.add("  FAILED: " + objection));
    return lines;
  }

  private static String row(String name, String format, Object... args) {
    return String.format(Locale.ROOT, "  %-17s ", name) + String.format(Locale.ROOT, format, args);
  }

  private static String times(List<Long> millis) {
    return millis.isEmpty()
        ? "none"
        : String.format(
            Locale.ROOT,
            "median %,d ms, longest %,d ms (%d times)",
            median(millis),
            max(millis),
            millis.size());
  }

  private static List<Long> toMillis(List<Long> micros) {
    return micros.stream().map(value -> Math.round(value / 1000.0)).toList();
  }

  static long median(List<Long> values) {
    if (values.isEmpty()) {
      return -1;
    }
    List<Long> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : Math.round((sorted.get(half - 1) + sorted.get(half)) / 2.0);
  }

  private static long max(List<Long> values) {
    return values.isEmpty() ? -1 : Collections.max(values);
  }
}
