package dev.balsa.bench.sql;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What Balsa is to reach, beside what it has reached in this run. */
final class Bounds {
  private static final double GAP_MILLIS_MAX = 100;

  private final Map<SqlCase, CaseResult> results = new EnumMap<>(SqlCase.class);
  private final List<Line> lines = new ArrayList<>();

  /**
   * A line of the table.
   *
   * @param what the case, and what of it
   * @param measured null if it was not
   */
  record Line(String what, String wanted, @Nullable String measured, boolean met) {
    String verdict() {
      return measured == null ? "not run" : met ? "ok" : "short";
    }

    String toText() {
      return String.format(
          Locale.ROOT,
          "  %-44s %-12s %-12s %s",
          what,
          wanted,
          measured == null ? "-" : measured,
          verdict());
    }
  }

  private Bounds(List<CaseResult> run) {
    run.forEach(result -> results.put(result.which(), result));
  }

  /** Compares. */
  static List<Line> of(List<CaseResult> run) {
    Bounds bounds = new Bounds(run);
    bounds.compare();
    return List.copyOf(bounds.lines);
  }

  private void compare() {
    atLeast("insert-seq, of raft_w1", 0.5, ratio(SqlCase.INSERT_SEQ, r -> r.ours() / r.raft()));
    atLeast("insert-64, of insert-seq", 15, ofSequential(SqlCase.INSERT_64));
    atLeast("insert-64, of sqlite_local", 3, ratio(SqlCase.INSERT_64, r -> r.ours() / r.local()));
    atLeast("tx-64, of insert-seq", 5, ofSequential(SqlCase.TX_64));
    Double bytes = ratio(SqlCase.INSERT_64, CaseResult::sentBytes);
    line("insert-64, bytes to a follower", "< 500", bytes, "%.0f", bytes != null && bytes < 500);
    for (SqlCase which : List.of(SqlCase.SELECT_STALE_1, SqlCase.SELECT_STALE_16)) {
      Double times = ratio(which, r -> r.local() / r.ours());
      line(
          which.label() + ", time of sqlite_local's",
          "<= 1.3",
          times,
          "%.2f",
          times != null && times <= 1.3);
    }
    Double reads = ratio(SqlCase.SELECT_LINEARIZABLE_16, CaseResult::ours);
    line(
        "select-linearizable-16",
        ">= 20,000/s",
        reads,
        "%,.0f/s",
        reads != null && reads >= 20_000);
    gaps();
  }

  private @Nullable Double ratio(SqlCase which, ToDoubleFunction<CaseResult> of) {
    CaseResult result = results.get(which);
    return result == null ? null : (Double) of.applyAsDouble(result);
  }

  private @Nullable Double ofSequential(SqlCase which) {
    CaseResult sequential = results.get(SqlCase.INSERT_SEQ);
    return sequential == null ? null : ratio(which, result -> result.ours() / sequential.ours());
  }

  private void atLeast(String what, double least, @Nullable Double measured) {
    String wanted =
        String.format(Locale.ROOT, least == Math.rint(least) ? ">= %.0f" : ">= %.1f", least);
    line(what, wanted, measured, "%.2f", measured != null && measured >= least);
  }

  private void line(
      String what, String wanted, @Nullable Double measured, String format, boolean met) {
    lines.add(
        new Line(
            what,
            wanted,
            measured == null ? null : String.format(Locale.ROOT, format, measured),
            met));
  }

  /** Gaps while a checkpoint, turn or snapshot went on, that nothing else excuses. */
  private void gaps() {
    List<GapStory> during =
        results.values().stream()
            .flatMap(result -> result.gaps().stream())
            .filter(gap -> gap.duringHousekeeping() && !gap.isExcused())
            .sorted(Comparator.comparingLong(GapStory::micros).reversed())
            .toList();
    String what = "gap in a checkpoint, turn or snapshot";
    String wanted = "<= 100 ms";
    if (results.isEmpty()) {
      lines.add(new Line(what, wanted, null, false));
    } else if (during.isEmpty()) {
      lines.add(new Line(what, wanted, "none seen", true));
    } else {
      GapStory longest = during.get(0);
      lines.add(
          new Line(
              what + " (" + longest.which().label() + ")",
              wanted,
              String.format(Locale.ROOT, "%.1f ms", longest.millis()),
              longest.millis() <= GAP_MILLIS_MAX));
    }
  }
}
