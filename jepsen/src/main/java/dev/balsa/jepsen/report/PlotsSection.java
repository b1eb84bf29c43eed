package dev.balsa.jepsen.report;

import dev.balsa.jepsen.history.Op;

/** The frames of the plots, with a drawing for readers without a script in each. */
final class PlotsSection {
  private final Run run;

  PlotsSection(Run run) {
    this.run = run;
  }

  String html() {
    StaticPlots plots = new StaticPlots(run);
    StringBuilder out = new StringBuilder("<section id=\"plots\"><h2>Measurements</h2>\n");
    out.append(
        "<div class=\"toolbar\" hidden><p>Drag to zoom. <kbd>Ctrl</kbd> and the wheel zooms ");
    out.append(
        "and <kbd>Shift</kbd> moves, also without these keys once a plot has been clicked. ");
    out.append(
        "Keys: <kbd>←</kbd> <kbd>→</kbd> move, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>0</kbd> ");
    out.append("all, <kbd>n</kbd> <kbd>p</kbd> next and previous operation.</p>");
    out.append("<button type=\"button\" id=\"reset\" disabled>Whole run</button></div>\n");
    legend(out);
    String points = Html.count(run.calls.size(), "operation", "operations");
    plot(
        out,
        "latency",
        "Latency",
        "From call to answer, by the time of the call: a point for each of " + points + ".",
        plots.latency());
    plot(
        out, "rate", "Rate", "Operations that ended, per second, by how they ended.", plots.rate());
    if (run.leaders.isEmpty()) {
      out.append("<p class=\"note\">Who led was not recorded.</p>");
    } else {
      plot(
          out,
          "leaders",
          "Leader and term",
          "Who led, as the harness saw it. Where there is no bar, no node said that it led.",
          plots.leaders());
    }
    return out.append("</section>\n").toString();
  }

  private void legend(StringBuilder out) {
    out.append("<div class=\"legend\" role=\"group\" aria-label=\"Legend: what is shown\">");
    toggle(out, Op.Type.OK, "ok", "took effect");
    toggle(out, Op.Type.INFO, "info", "nobody knows whether it took effect");
    toggle(out, Op.Type.FAIL, "fail", "took no effect");
    out.append("<span class=\"swatch fault\">a fault lasts</span>");
    out.append("<span class=\"swatch median\">median of ok</span>");
    out.append("<span class=\"swatch p99\">99th percentile of ok</span>");
    if (run.data.findings().stream().anyMatch(finding -> !finding.anomalies().isEmpty())) {
      out.append("<span class=\"swatch ring\">part of an anomaly</span>");
    }
    out.append("</div>\n");
  }

  private void toggle(StringBuilder out, Op.Type outcome, String name, String meaning) {
    out.append("<button type=\"button\" class=\"key ").append(name).append("\" data-outcome=\"");
    out.append(Payload.OUTCOMES.indexOf(outcome)).append("\" aria-pressed=\"true\"><b>");
    out.append(name).append("</b> ").append(meaning).append(" <span>");
    out.append(Html.count(run.count(outcome))).append("</span></button>");
  }

  private static void plot(
      StringBuilder out, String id, String title, String caption, String drawing) {
    out.append("<figure class=\"plot\"><h3 id=\"").append(id).append("-title\">").append(title);
    out.append("</h3><p class=\"caption\">")
        .append(caption)
        .append("</p><div class=\"holder\" id=\"");
    out.append(id).append("\" role=\"group\" aria-labelledby=\"").append(id).append("-title\">");
    out.append(drawing).append("</div></figure>\n");
  }
}
