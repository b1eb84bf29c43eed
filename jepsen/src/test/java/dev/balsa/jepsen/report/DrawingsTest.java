package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawingsTest {
  private static final long MILLI = 1_000_000;

  private static int count(String text, String pattern) {
    return (int) Pattern.compile(pattern).matcher(text).results().count();
  }

  @Test
  void aCycleOfAnyLengthHasABoxForEachTransactionAndAnArrowForEachEdge() {
    for (int n = 2; n <= 12; n++) {
      ReportData data = new GeneratedRun(n, 1_000, 30).invalid(n);
      Anomaly anomaly = data.findings().get(0).anomalies().get(0);
      String svg = CycleGraph.draw(new Run(data), anomaly.cycle()).orElseThrow();
      assertThat(count(svg, "class=\"box-frame\"")).isEqualTo(n);
      for (String kind : List.of("ww", "wr", "rw", "realtime")) {
        long edges = anomaly.cycle().stream().filter(edge -> edge.kind().equals(kind)).count();
        assertThat(count(svg, "class=\"edge " + kind + "\""))
            .as("%d %s", n, kind)
            .isEqualTo((int) edges);
      }
      assertNothingOutside(svg);
      assertNoBoxesOverlap(svg);
    }
  }

  @Test
  void whatIsNoRingIsNotDrawn() {
    Run run = new Run(new GeneratedRun(3, 200, 10).valid());
    int event = run.calls.get(0).invoke().index();
    int other = run.calls.get(1).invoke().index();
    Edge there = new Edge(event, other, "ww", "");
    assertThat(CycleGraph.draw(run, List.of(there, there))).isEmpty();
    assertThat(CycleGraph.draw(run, List.of(new Edge(event, event, "ww", "")))).isEmpty();
    assertThat(CycleGraph.draw(run, List.of())).isEmpty();
    assertThat(CycleGraph.draw(run, List.of(there, new Edge(other, event, "rw", "")))).isPresent();
  }

  private static void assertNothingOutside(String svg) {
    double[] size = numbers(svg, "viewBox=\"0 0 ([0-9.]+) ([0-9.]+)\"").get(0);
    for (double[] at : numbers(svg, "<(?:rect|text) x=\"([-0-9.]+)\" y=\"([-0-9.]+)\"")) {
      assertThat(at[0]).isBetween(0.0, size[0]);
      assertThat(at[1]).isBetween(0.0, size[1]);
    }
  }

  private static void assertNoBoxesOverlap(String svg) {
    String n = "([-0-9.]+)";
    List<double[]> boxes =
        numbers(
            svg,
            "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"7\" class=\"box-frame\""
                .formatted(n, n, n, n));
    for (double[] a : boxes) {
      for (double[] b : boxes) {
        boolean apart =
            a[0] + a[2] < b[0] || b[0] + b[2] < a[0] || a[1] + a[3] < b[1] || b[1] + b[3] < a[1];
        assertThat(a == b || apart).isTrue();
      }
    }
  }

  private static List<double[]> numbers(String svg, String pattern) {
    return Pattern.compile(pattern).matcher(svg).results().map(DrawingsTest::numbers).toList();
  }

  private static double[] numbers(MatchResult match) {
    return IntStream.rangeClosed(1, match.groupCount())
        .mapToDouble(group -> Double.parseDouble(match.group(group)))
        .toArray();
  }

  /**
   * Process 1 writes at 1 s and again at 60 s, process 2 meanwhile, all for 10 ms; 3 never ends.
   */
  private static Run sparse() {
    List<Op> ops = new ArrayList<>();
    long[][] calls = {{1, 1_000}, {2, 1_005}, {2, 30_000}, {1, 60_000}};
    int index = 0;
    ops.add(new Op(index++, 500 * MILLI, Op.Type.INVOKE, 3, "write", 7L, null, 3));
    for (long[] call : calls) {
      long time = call[1] * MILLI;
      if (call[1] == 1_005) {
        ops.add(new Op(index++, time, Op.Type.INVOKE, 2, "write", 1L, null, 2));
        ops.add(new Op(index++, time + 5 * MILLI, Op.Type.OK, 1, "write", 1L, null, 1));
        ops.add(new Op(index++, time + 10 * MILLI, Op.Type.OK, 2, "write", 1L, null, 2));
      } else if (call[1] == 1_000) {
        ops.add(new Op(index++, time, Op.Type.INVOKE, 1, "write", 1L, null, 1));
      } else {
        ops.add(new Op(index++, time, Op.Type.INVOKE, call[0], "write", 1L, null, call[0]));
        ops.add(
            new Op(index++, time + 10 * MILLI, Op.Type.OK, call[0], "write", 1L, null, call[0]));
      }
    }
    return new Run(new ReportData(new History(ops), List.of(), Map.of(), List.of()));
  }

  @Test
  void theTimelineLeavesOutTheTimeBetweenOperationsThatAreFarApart() {
    Run run = sparse();
    int first = run.callOf(1).orElseThrow();
    int last = run.calls.size() - 1;
    String svg = Timeline.draw(run, List.of(first, last)).orElseThrow();
    // Of the marked ones, and of the one that overlaps the first; neither what happened in between
    // nor what was called before and never answered.
    assertThat(count(svg, "data-op=")).isEqualTo(3);
    assertThat(svg).contains("+59.0", ">process 1<", ">process 2<").doesNotContain(">process 3<");
    List<double[]> bars =
        numbers(
            svg,
            "class=\"bar ok marked\" data-op=\"[0-9]+\"><rect x=\"([0-9.]+)\" y=\"([0-9.]+)\""
                + " width=\"([0-9.]+)\"");
    assertThat(bars).hasSize(2);
    // Both last as long, and each window shows one with as much around it.
    assertThat(bars.get(0)[2]).isGreaterThan(100).isEqualTo(bars.get(1)[2]);
    assertNothingOutside(svg);
  }

  @Test
  void thereIsNoTimelineOfNothing() {
    assertThat(Timeline.draw(sparse(), List.of())).isEmpty();
  }

  @Test
  void ticksAreRoundNumbersWithinTheRange() {
    assertThat(Ticks.step(90, 10)).isEqualTo(10);
    assertThat(Ticks.step(0.011, 3)).isEqualTo(0.005);
    assertThat(Ticks.between(14.9, 15.7, 0.2)).hasSize(4).first().isEqualTo(15.0);
    assertThat(Ticks.label(0.30000000000000004, 0.1)).isEqualTo("0.3");
    assertThat(Ticks.label(20, 10)).isEqualTo("20");
  }

  @Test
  void theDrawingsWithoutAScriptDoNotGrowWithTheHistory() {
    int small =
        new StaticPlots(new Run(new GeneratedRun(1, 10_000, 60).valid())).latency().length();
    int large =
        new StaticPlots(new Run(new GeneratedRun(1, 80_000, 60).valid())).latency().length();
    assertThat(large).isLessThan(3 * small);
  }
}
