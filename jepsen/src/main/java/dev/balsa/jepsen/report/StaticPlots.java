package dev.balsa.jepsen.report;

import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * The plots as SVG of a fixed size, for readers without a script. They do not grow with the
 * history: the latencies are cells of a raster, filled where there is at least one operation.
 */
final class StaticPlots {
  static final double WIDTH = 1040;

  private static final double LEFT = 104;
  private static final double RIGHT = WIDTH - 12;
  private static final double CELL = 3;
  private static final double LANE = 16;
  private static final int RATE_BINS = 150;

  private final Run run;

  StaticPlots(Run run) {
    this.run = run;
  }

  private double x(long time) {
    return LEFT + (RIGHT - LEFT) * time / run.end;
  }

  /** Latencies by kind, on a logarithmic scale. */
  String latency() {
    double panel = run.kinds.size() < 2 ? 260 : 160;
    double height = panel * Math.max(1, run.kinds.size()) + 44;
    Svg svg = new Svg();
    shade(svg, height - 44);
    long[] range = decades();
    for (int kind = 0; kind < run.kinds.size(); kind++) {
      double top = kind * panel + 18;
      double bottom = (kind + 1) * panel;
      for (long nanos = range[0]; nanos <= range[1]; nanos *= 10) {
        double y = y(nanos, range, top, bottom);
        svg.line(LEFT, y, RIGHT, y, "grid");
        svg.text(LEFT - 8, y + 4, decade(nanos), "tick end");
      }
      svg.text(LEFT + 4, top - 5, run.kinds.get(kind), "panel-name");
      for (Op.Type outcome : Payload.OUTCOMES) {
        svg.path(cells(kind, outcome, range, top, bottom), "cells " + name(outcome));
      }
    }
    timeAxis(svg, height - 44);
    return svg.toSvg(WIDTH, height, "static", "Latency of each operation over time");
  }

  private String cells(int kind, Op.Type outcome, long[] range, double top, double bottom) {
    int columns = (int) ((RIGHT - LEFT) / CELL) + 1;
    int rows = (int) ((bottom - top) / CELL) + 1;
    BitSet filled = new BitSet(columns * rows);
    for (int i = 0; i < run.calls.size(); i++) {
      Call call = run.calls.get(i);
      if (run.kindOf[i] == kind && call.outcome() == outcome) {
        long latency = Run.latency(call);
        double y = latency < 0 ? top : y(Math.max(1, latency), range, top, bottom);
        int column = (int) ((x(call.invoke().time()) - LEFT) / CELL);
        filled.set(Math.min(rows - 1, (int) ((y - top) / CELL)) * columns + column);
      }
    }
    StringBuilder d = new StringBuilder();
    filled.stream()
        .forEach(
            cell -> {
              double x = LEFT + cell % columns * CELL;
              int row = cell / columns;
              double y = top + row * CELL;
              d.append('M').append(Svg.at(x, y)).append("h2.4v2.4h-2.4z");
            });
    return d.toString();
  }

  private static double y(long nanos, long[] range, double top, double bottom) {
    double part = Math.log((double) nanos / range[0]) / Math.log((double) range[1] / range[0]);
    return bottom - Math.max(0, Math.min(1, part)) * (bottom - top);
  }

  /** The powers of ten around all latencies, nanoseconds. */
  private long[] decades() {
    long[] known = run.calls.stream().mapToLong(Run::latency).filter(l -> l > 0).sorted().toArray();
    long low = 100_000;
    long high = 1_000_000_000;
    if (known.length > 0) {
      low = (long) Math.pow(10, Math.floor(Math.log10((double) known[0])));
      high = (long) Math.pow(10, Math.ceil(Math.log10((double) known[known.length - 1])));
    }
    return new long[] {low, Math.max(high, low * 10)};
  }

  private static String decade(long nanos) {
    return nanos >= 1_000_000_000
        ? nanos / 1_000_000_000 + " s"
        : nanos >= 1_000_000 ? nanos / 1_000_000 + " ms" : nanos / 1e3 + " µs";
  }

  /** Completions a second. */
  String rate() {
    double height = 230;
    double bottom = height - 44;
    double top = 18;
    Svg svg = new Svg();
    shade(svg, bottom);
    double binSeconds = Ticks.step(run.end / 1e9, RATE_BINS);
    long binNanos = Math.max(1, (long) (binSeconds * 1e9));
    int bins = (int) (run.end / binNanos) + 1;
    double[][] rates = new double[Payload.OUTCOMES.size()][bins];
    for (Call call : run.calls) {
      long time = call.completion().map(Op::time).orElse(call.invoke().time());
      rates[Payload.OUTCOMES.indexOf(call.outcome())][(int) (time / binNanos)] += 1 / binSeconds;
    }
    double most = Arrays.stream(rates).flatMapToDouble(Arrays::stream).max().orElse(1);
    double scale = Math.max(most, 1e-9);
    double step = Ticks.step(scale, 5);
    for (double tick : Ticks.between(0, scale, step)) {
      double y = bottom - tick / scale * (bottom - top);
      svg.line(LEFT, y, RIGHT, y, "grid");
      svg.text(LEFT - 8, y + 4, Ticks.label(tick, step) + "/s", "tick end");
    }
    for (int outcome = 0; outcome < rates.length; outcome++) {
      StringBuilder d = new StringBuilder();
      for (int bin = 0; bin < bins; bin++) {
        double y = bottom - rates[outcome][bin] / scale * (bottom - top);
        d.append(bin == 0 ? 'M' : 'L').append(Svg.at(x(bin * binNanos), y));
        d.append('L').append(Svg.at(x(Math.min(run.end, (bin + 1) * binNanos)), y));
      }
      svg.path(d.toString(), "curve " + name(Payload.OUTCOMES.get(outcome)));
    }
    timeAxis(svg, bottom);
    return svg.toSvg(WIDTH, height, "static", "Operations completed per second over time");
  }

  /** Who led when, a lane for each node. */
  String leaders() {
    List<Long> nodes =
        new ArrayList<>(new TreeSet<>(run.leaders.stream().map(LeaderSpan::node).toList()));
    double bottom = 18 + nodes.size() * (LANE + 6);
    Svg svg = new Svg();
    shade(svg, bottom);
    for (int lane = 0; lane < nodes.size(); lane++) {
      double y = 18 + lane * (LANE + 6);
      svg.text(LEFT - 8, y + 12, "node " + nodes.get(lane), "tick end");
      for (LeaderSpan span : run.leaders) {
        if (span.node() == nodes.get(lane)) {
          double width = Math.max(1, x(span.end()) - x(span.begin()));
          svg.rect(x(span.begin()), y, width, LANE, 3, "leads");
          String text = "term " + span.term();
          if (width > 7 * text.length() + 8) {
            svg.text(x(span.begin()) + 5, y + 12, text, "leads-text");
          }
        }
      }
    }
    timeAxis(svg, bottom + 4);
    return svg.toSvg(WIDTH, bottom + 48, "static", "The leader and its term over time");
  }

  private void shade(Svg svg, double bottom) {
    double labelled = LEFT;
    for (FaultSpan fault : run.faults) {
      double x = x(fault.begin());
      svg.rect(x, 14, Math.max(1, x(fault.end()) - x), bottom - 14, "fault");
      if (x >= labelled) {
        svg.text(x + 1, 10, fault.name(), "fault-name");
        labelled = x + 7 * fault.name().length() + 8;
      }
    }
  }

  private void timeAxis(Svg svg, double y) {
    svg.line(LEFT, y, RIGHT, y, "axis-line");
    double step = Ticks.step(run.end / 1e9, 10);
    for (double tick : Ticks.between(0, run.end / 1e9, step)) {
      double x = x((long) (tick * 1e9));
      svg.line(x, y, x, y + 4, "axis-line");
      svg.text(x, y + 18, Ticks.label(tick, step), "tick middle");
    }
    svg.text((LEFT + RIGHT) / 2, y + 38, "time since the start of the run (s)", "axis middle");
  }

  private static String name(Op.Type outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }
}
