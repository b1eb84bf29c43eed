package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.History.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A cycle of transactions as a ring of boxes in two columns, clockwise, with the reason beside each
 * arrow:
 *
 * <pre>
 *   T1 ──rw──&gt; T2
 *   ^           │ ww
 *   │           v
 *   T4 &lt;─────── T3
 * </pre>
 */
final class CycleGraph {
  private static final int TRANSACTIONS_MAX = 12;
  private static final int MICRO_OPS_MAX = 8;
  private static final double WIDTH = 1040;
  private static final double BOX_WIDTH = 330;
  private static final double RIGHT = WIDTH - BOX_WIDTH - 1;
  private static final double HEADER = 32;
  private static final double LINE = 18;
  private static final double ROW_GAP = 100;
  private static final double REASON_LINE = 16;
  private static final int REASON_CHARS = 48;
  private static final int BESIDE_CHARS = 31;
  private static final int REASON_LINES = 4;

  private record Box(int call, List<String> lines, double x, double y, double height) {
    double middle() {
      return y + height / 2;
    }

    double bottom() {
      return y + height;
    }
  }

  private final Run run;
  private final List<Edge> cycle;
  private final List<Box> boxes = new ArrayList<>();
  private final Svg svg = new Svg();

  private CycleGraph(Run run, List<Edge> cycle) {
    this.run = run;
    this.cycle = cycle;
  }

  /** Draws a cycle; empty if it is too long, or no ring, or not of operations of the run. */
  static Optional<String> draw(Run run, List<Edge> cycle) {
    if (!AnomalyOps.isRing(cycle)
        || cycle.size() > TRANSACTIONS_MAX
        || cycle.stream().anyMatch(edge -> run.callOf(edge.from()).isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(new CycleGraph(run, cycle).draw());
  }

  private String draw() {
    int n = cycle.size();
    int right = (n + 1) / 2;
    double height = place(n, right);
    for (int i = 0; i < n; i++) {
      Box from = boxes.get(i);
      Box to = boxes.get((i + 1) % n);
      Edge edge = cycle.get(i);
      if (n == 2) {
        pairEdge(i, from, edge);
      } else if (i == 0) {
        flatEdge(from.x + BOX_WIDTH, to.x, Math.min(from.middle(), to.middle()), true, edge);
      } else if (i == right && n % 2 == 0) {
        flatEdge(from.x, to.x + BOX_WIDTH, Math.max(from.middle(), to.middle()), false, edge);
      } else if (i == right) {
        elbow(from, to, edge);
      } else {
        uprightEdge(from, to, edge);
      }
    }
    for (int i = 0; i < n; i++) {
      box(i, boxes.get(i));
    }
    return svg.toSvg(WIDTH, height, "graph", "Cycle of " + n + " transactions");
  }

  /** Places the boxes and returns the height of the drawing. */
  private double place(int n, int right) {
    List<List<String>> texts = new ArrayList<>();
    List<Integer> calls = new ArrayList<>();
    int[] rows = new int[n];
    double[] heights = new double[right];
    for (int i = 0; i < n; i++) {
      int call = run.callOf(cycle.get(i).from()).orElseThrow();
      calls.add(call);
      texts.add(lines(run.calls.get(call)));
      rows[i] = i == 0 ? 0 : i <= right ? i - 1 : n - i;
      heights[rows[i]] = Math.max(heights[rows[i]], HEADER + LINE * texts.get(i).size() + 10);
    }
    double top = Math.max(1, room(0) - heights[0] / (n == 2 ? 3 : 2));
    double[] tops = new double[right];
    for (int row = 0; row < right; row++) {
      tops[row] = row == 0 ? top : tops[row - 1] + heights[row - 1] + ROW_GAP;
    }
    for (int i = 0; i < n; i++) {
      double x = i > 0 && i <= right ? RIGHT : 1;
      boxes.add(new Box(calls.get(i), texts.get(i), x, tops[rows[i]], heights[rows[i]]));
    }
    // The lowest text is that of the edge back to the left.
    double under = heights[right - 1] * (n == 2 ? 2.0 / 3 : 0.5) + room(n == 2 ? 1 : right);
    return tops[right - 1] + Math.max(heights[right - 1], under) + 2;
  }

  /** How far the text of an edge that goes across reaches from it. */
  private double room(int edge) {
    return 20 + REASON_LINE * across(cycle.get(edge)).size();
  }

  private static List<String> across(Edge edge) {
    return Svg.wrap(edge.reason(), REASON_CHARS, REASON_LINES);
  }

  private static List<String> lines(Call call) {
    List<String> all = ValueText.microOps(Run.value(call), 38);
    if (all.size() <= MICRO_OPS_MAX) {
      return all;
    }
    List<String> shown = new ArrayList<>(all.subList(0, MICRO_OPS_MAX - 1));
    shown.add("… " + (all.size() - shown.size()) + " more");
    return shown;
  }

  private void box(int i, Box box) {
    Call call = run.calls.get(box.call);
    svg.open(box.call, "box");
    svg.rect(box.x, box.y, BOX_WIDTH, box.height, 7, "box-frame");
    svg.text(box.x + 14, box.y + 21, "T" + (i + 1), "box-name");
    String node = call.invoke().node() == 0 ? "" : ", node " + call.invoke().node();
    String where = "process " + call.invoke().process() + node;
    svg.text(box.x + 46, box.y + 21, where, "box-note");
    String when = Html.moment(call.invoke().time());
    svg.text(box.x + BOX_WIDTH - 14, box.y + 21, when, "box-note end");
    svg.line(box.x, box.y + HEADER - 2, box.x + BOX_WIDTH, box.y + HEADER - 2, "box-rule");
    for (int line = 0; line < box.lines.size(); line++) {
      svg.text(box.x + 14, box.y + HEADER + LINE * (line + 1) - 3, box.lines.get(line), "box-code");
    }
    svg.close();
  }

  /** One of the two edges between two boxes side by side. */
  private void pairEdge(int i, Box box, Edge edge) {
    if (i == 0) {
      flatEdge(1 + BOX_WIDTH, RIGHT, box.y + box.height / 3, true, edge);
    } else {
      flatEdge(RIGHT, 1 + BOX_WIDTH, box.y + box.height * 2 / 3, false, edge);
    }
  }

  private void flatEdge(double x1, double x2, double y, boolean textAbove, Edge edge) {
    double tip = x2 + (x1 < x2 ? -2 : 2);
    svg.line(x1, y, tip, y, "edge " + edge.kind());
    pill((x1 + x2) / 2, y, edge);
    reasonAcross((x1 + x2) / 2, y, textAbove, edge);
  }

  private void reasonAcross(double x, double y, boolean above, Edge edge) {
    List<String> lines = across(edge);
    double first = above ? y - 19 - REASON_LINE * (lines.size() - 1) : y + 29;
    for (int i = 0; i < lines.size(); i++) {
      svg.text(x, first + REASON_LINE * i, lines.get(i), "reason middle");
    }
  }

  private void uprightEdge(Box from, Box to, Edge edge) {
    double x = from.x + 44;
    boolean down = from.y < to.y;
    double y1 = down ? from.bottom() : from.y;
    double y2 = down ? to.y - 2 : to.bottom() + 2;
    svg.line(x, y1, x, y2, "edge " + edge.kind());
    double middle = (y1 + y2) / 2;
    pill(x, middle, edge);
    List<String> lines = Svg.wrap(edge.reason(), BESIDE_CHARS, REASON_LINES);
    double first = middle + 4 - REASON_LINE * (lines.size() - 1) / 2;
    for (int i = 0; i < lines.size(); i++) {
      svg.text(x + 52, first + REASON_LINE * i, lines.get(i), "reason");
    }
  }

  /** From the lowest box on the right to the one above on the left. */
  private void elbow(Box from, Box to, Edge edge) {
    double x = to.x + BOX_WIDTH / 2;
    double y = from.middle();
    svg.path(
        "M"
            + Svg.at(from.x, y)
            + "L"
            + Svg.at(x + 12, y)
            + "Q"
            + Svg.at(x, y)
            + " "
            + Svg.at(x, y - 12)
            + "L"
            + Svg.at(x, to.bottom() + 2),
        "edge " + edge.kind());
    double middle = (x + from.x) / 2;
    pill(middle, y, edge);
    reasonAcross(middle, y, false, edge);
  }

  private void pill(double x, double y, Edge edge) {
    double width = 18 + 7.4 * edge.kind().length();
    svg.rect(x - width / 2, y - 11, width, 22, 11, "pill " + edge.kind());
    svg.text(x, y + 4.5, edge.kind(), "pill-text middle " + edge.kind());
  }

  /** The arrow heads that the style sheet refers to: once in a page. */
  static String markers() {
    StringBuilder out = new StringBuilder("<svg class=\"markers\" aria-hidden=\"true\"><defs>");
    for (String kind : List.of("ww", "wr", "rw", "realtime", "process")) {
      out.append("<marker id=\"arrow-").append(kind);
      out.append("\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"11\"");
      out.append(" markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">");
      out.append("<path d=\"M0 0.5L10 5L0 9.5z\" class=\"head ")
          .append(kind)
          .append("\"/></marker>");
    }
    return out.append("</defs></svg>").toString();
  }
}
