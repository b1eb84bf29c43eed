package dev.balsa.jepsen.report;

import dev.balsa.jepsen.history.History.Call;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the processes did around an anomaly: a row for each process, a bar for each operation, from
 * call to answer. Times in which nothing of the anomaly happened are left out, so that operations
 * of milliseconds show that are seconds apart.
 */
final class Timeline {
  private static final double WIDTH = 1040;
  private static final double LEFT = 128;
  private static final double RIGHT = WIDTH - 8;
  private static final double BREAK = 46;
  private static final double TOP = 22;
  private static final double ROW = 22;
  private static final double MARKED_ROW = 40;
  private static final double BAR = 14;
  private static final double CHAR = 6.9;
  private static final int MICRO_CHARS = 22;
  private static final int LABEL_CHARS = 56;
  private static final int ROWS_MAX = 24;
  private static final int BARS_MAX = 600;
  private static final int WINDOWS_MAX = 5;
  private static final long PAD_MIN = 500_000;

  /** A time that is shown, nanoseconds, and where. */
  private record Window(long begin, long end, double x1, double x2) {
    double x(long time) {
      double part = (double) (time - begin) / (end - begin);
      return x1 + Math.max(0, Math.min(1, part)) * (x2 - x1);
    }
  }

  private record Row(double y, double height, boolean marked) {
    double bar() {
      return y + height - BAR - 4;
    }
  }

  private final Run run;
  private final List<Integer> marked;
  private final List<Window> windows;
  private final Map<Long, Row> rows = new TreeMap<>();
  private final Svg svg = new Svg();
  private double bottom;

  private Timeline(Run run, List<Integer> marked) {
    this.run = run;
    this.marked = marked;
    this.windows = windows();
  }

  /**
   * Draws operations and what surrounds them; empty if there are none.
   *
   * @param marked places in {@link Run#calls}; they are called T1, T2, ...
   */
  static Optional<String> draw(Run run, List<Integer> marked) {
    return marked.isEmpty() ? Optional.empty() : Optional.of(new Timeline(run, marked).draw());
  }

  private List<Window> windows() {
    long[] durations =
        marked.stream().mapToLong(i -> duration(run.calls.get(i))).sorted().toArray();
    long pad = Math.max(PAD_MIN, durations[durations.length / 2]);
    List<long[]> spans = new ArrayList<>();
    marked.stream()
        .map(run.calls::get)
        .sorted(Comparator.comparingLong(call -> call.invoke().time()))
        .forEach(
            call -> {
              long begin = call.invoke().time() - pad;
              long end = call.invoke().time() + duration(call) + pad;
              long[] last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
              if (last != null && begin <= last[1] + 4 * pad) {
                last[1] = Math.max(last[1], end);
              } else if (spans.size() < WINDOWS_MAX) {
                spans.add(new long[] {begin, end});
              }
            });
    double room = RIGHT - LEFT - BREAK * (spans.size() - 1);
    double least = room / spans.size() / 2;
    long total = spans.stream().mapToLong(span -> span[1] - span[0]).sum();
    List<Window> result = new ArrayList<>();
    double x = LEFT;
    for (long[] span : spans) {
      double width = least + room / 2 * (span[1] - span[0]) / total;
      result.add(new Window(span[0], span[1], x, x + width));
      x += width + BREAK;
    }
    return result;
  }

  /** How long an operation's bar is; without an answer it has no end. */
  private static long duration(Call call) {
    return Math.max(0, Run.latency(call));
  }

  private boolean isShown(Call call) {
    return windows.stream()
        .anyMatch(w -> call.invoke().time() <= w.end && run.until(call) >= w.begin);
  }

  /** Whether it tells anything that it is still open; not if it was called long ago, and lost. */
  private boolean isNear(Call call) {
    return call.completion().isPresent()
        || windows.stream()
            .anyMatch(w -> call.invoke().time() >= w.begin && call.invoke().time() <= w.end);
  }

  private String draw() {
    List<Integer> shown = shown();
    place(shown);
    faults();
    rows.forEach(this::rowFrame);
    for (int i = 0; i < windows.size(); i++) {
      axis(windows.get(i));
      if (i > 0) {
        breakMark(windows.get(i - 1), windows.get(i));
      }
    }
    shown.stream().filter(call -> !marked.contains(call)).forEach(this::bar);
    marked.stream().filter(shown::contains).forEach(this::bar);
    marked.stream().filter(shown::contains).forEach(this::label);
    svg.text((LEFT + RIGHT) / 2, bottom + 40, "time since the start of the run (s)", "axis middle");
    return svg.toSvg(WIDTH, bottom + 48, "timeline", "Operations around the anomaly, by process");
  }

  /**
   * The operations to be drawn: those of the anomaly, and of as many processes as there is room.
   */
  private List<Integer> shown() {
    Set<Long> processes = new LinkedHashSet<>();
    marked.forEach(i -> processes.add(run.calls.get(i).invoke().process()));
    List<Integer> overlapping = new ArrayList<>();
    for (int i = 0; i < run.calls.size(); i++) {
      if (isShown(run.calls.get(i))) {
        overlapping.add(i);
      }
    }
    for (int i : overlapping) {
      if (processes.size() < ROWS_MAX && isNear(run.calls.get(i))) {
        processes.add(run.calls.get(i).invoke().process());
      }
    }
    List<Integer> shown = new ArrayList<>();
    for (int i : overlapping) {
      boolean wanted = processes.contains(run.calls.get(i).invoke().process());
      if (wanted && (shown.size() < BARS_MAX || marked.contains(i))) {
        shown.add(i);
      }
    }
    return shown;
  }

  private void place(List<Integer> shown) {
    Map<Long, Boolean> isMarked = new TreeMap<>();
    for (int i : shown) {
      isMarked.merge(run.calls.get(i).invoke().process(), marked.contains(i), Boolean::logicalOr);
    }
    double y = TOP;
    for (Map.Entry<Long, Boolean> process : isMarked.entrySet()) {
      double height = process.getValue() ? MARKED_ROW : ROW;
      rows.put(process.getKey(), new Row(y, height, process.getValue()));
      y += height;
    }
    bottom = y + 4;
  }

  private void faults() {
    for (Window window : windows) {
      double labelled = window.x1;
      for (FaultSpan fault : run.faults) {
        if (fault.begin() > window.end || fault.end() < window.begin) {
          continue;
        }
        double x1 = window.x(fault.begin());
        double x2 = window.x(fault.end());
        svg.rect(x1, TOP, Math.max(1, x2 - x1), bottom - TOP, "fault");
        double from = Math.max(x1, labelled);
        if (window.x2 - from > CHAR * fault.name().length()) {
          svg.text(from + 2, TOP - 6, fault.name(), "fault-name");
          labelled = from + CHAR * fault.name().length() + 12;
        }
      }
    }
  }

  private void rowFrame(long process, Row row) {
    String style = row.marked ? "row-name end strong" : "row-name end";
    svg.text(LEFT - 12, row.bar() + 11, "process " + process, style);
    for (Window window : windows) {
      svg.line(window.x1, row.y + row.height, window.x2, row.y + row.height, "grid");
    }
  }

  private void bar(int index) {
    Call call = run.calls.get(index);
    Row row = rows.get(call.invoke().process());
    if (row == null) {
      return;
    }
    boolean isMarked = marked.contains(index);
    String outcome = call.outcome().name().toLowerCase(Locale.ROOT);
    svg.open(index, "bar " + outcome + (isMarked ? " marked" : ""));
    for (Window window : windows) {
      long until = run.until(call);
      if (call.invoke().time() > window.end || until < window.begin) {
        continue;
      }
      double x1 = window.x(call.invoke().time());
      double width = Math.max(2, window.x(until) - x1);
      boolean open = call.completion().isEmpty() || until > window.end;
      svg.rect(x1, row.bar(), width, BAR, open ? 0 : 3, call.completion().isEmpty() ? "open" : "");
      if (!isMarked) {
        String text = String.join("; ", ValueText.microOps(Run.value(call), 24));
        if (CHAR * text.length() + 8 < width) {
          svg.text(x1 + 4, row.bar() + 11, text, "bar-text");
        }
      }
    }
    svg.close();
  }

  /** The name and text of an operation of the anomaly, above its bar. */
  private void label(int index) {
    Call call = run.calls.get(index);
    Row row = rows.get(call.invoke().process());
    for (Window window : windows) {
      if (row == null || call.invoke().time() > window.end || run.until(call) < window.begin) {
        continue;
      }
      double x = window.x(call.invoke().time());
      double limit = RIGHT;
      for (int other : marked) {
        Call next = run.calls.get(other);
        if (other != index && next.invoke().process() == call.invoke().process()) {
          double start =
              next.invoke().time() <= window.end ? window.x(next.invoke().time()) : RIGHT;
          limit = start > x ? Math.min(limit, start) : limit;
        }
      }
      String name = "T" + (marked.indexOf(index) + 1);
      String text =
          ValueText.cut(
              String.join("; ", ValueText.microOps(Run.value(call), MICRO_CHARS)), LABEL_CHARS);
      double wanted = (name.length() + 1 + text.length()) * CHAR;
      // Near the right edge the text must begin to the left of the bar's end.
      double from = limit == RIGHT ? Math.max(LEFT, Math.min(x, RIGHT - wanted)) : x;
      int room = (int) ((limit - from) / CHAR) - name.length() - 1;
      svg.raw("<text x=\"" + Html.px(from) + "\" y=\"" + Html.px(row.bar() - 5));
      svg.raw("\" class=\"bar-label\"><tspan class=\"name\">" + name + "</tspan> ");
      svg.raw(room < 4 ? "" : Html.escape(ValueText.cut(text, Math.min(room, LABEL_CHARS))));
      svg.raw("</text>");
      return;
    }
  }

  private void axis(Window window) {
    svg.line(window.x1, bottom, window.x2, bottom, "axis-line");
    double step =
        Ticks.step((window.end - window.begin) / 1e9, (int) ((window.x2 - window.x1) / 90));
    for (double tick : Ticks.between(window.begin / 1e9, window.end / 1e9, step)) {
      double x = window.x((long) (tick * 1e9));
      svg.line(x, TOP, x, bottom + 4, "grid");
      svg.text(x, bottom + 18, Ticks.label(tick, step), "tick middle");
    }
  }

  private void breakMark(Window before, Window after) {
    double x = (before.x2 + after.x1) / 2;
    svg.path("M" + Svg.at(x - 6, bottom + 5) + "l5 -10m3 10l5 -10", "axis-line");
    String gap = "+" + Html.time(after.begin - before.end);
    svg.text(x, TOP - 6, gap, "tick middle");
    svg.line(x, TOP, x, bottom - 8, "break");
  }
}
