package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.List;
import java.util.Locale;

/** Each anomaly: what is wrong, the cycle, and what the processes did around it. */
final class AnomaliesSection {
  /** More are not drawn; all are in the results. */
  static final int SHOWN_MAX = 20;

  private static final int OPS_MAX = 24;

  private final Run run;

  AnomaliesSection(Run run) {
    this.run = run;
  }

  String html() {
    StringBuilder out = new StringBuilder();
    int number = 0;
    for (Finding finding : run.data.findings()) {
      for (Anomaly anomaly : finding.anomalies()) {
        number++;
        if (number <= SHOWN_MAX) {
          article(out, number, finding.checker(), anomaly);
        }
      }
    }
    if (number == 0) {
      return "";
    }
    if (number > SHOWN_MAX) {
      out.append("<p class=\"note\">… and ").append(Html.count(number - SHOWN_MAX));
      out.append(" more, which results.json lists.</p>");
    }
    return "<section id=\"anomalies\"><h2>Anomalies</h2>\n" + out + "</section>\n";
  }

  private void article(StringBuilder out, int number, String checker, Anomaly anomaly) {
    List<Integer> all = AnomalyOps.of(run, anomaly);
    List<Integer> ops = all.subList(0, Math.min(OPS_MAX, all.size()));
    out.append("<article class=\"anomaly\" id=\"anomaly-").append(number).append("\"><h3>");
    out.append("<span class=\"ordinal\">").append(number).append("</span> ");
    out.append(Html.escape(anomaly.type())).append(" <span class=\"by\">found by ");
    out.append(Html.escape(checker)).append("</span></h3>");
    out.append("<pre class=\"explanation\">").append(Html.escape(anomaly.explanation().strip()));
    out.append("</pre>");
    if (!anomaly.cycle().isEmpty()) {
      cycle(out, anomaly.cycle());
    }
    Timeline.draw(run, ops).ifPresent(svg -> timeline(out, svg, ops));
    if (!ops.isEmpty()) {
      table(out, ops);
    }
    if (all.size() > ops.size()) {
      out.append("<p class=\"note\">… and ");
      out.append(Html.count(all.size() - ops.size(), "operation", "operations"));
      out.append(" more of this anomaly.</p>");
    }
    out.append("</article>\n");
  }

  private void cycle(StringBuilder out, List<Edge> cycle) {
    CycleGraph.draw(run, cycle)
        .ifPresentOrElse(
            svg -> {
              out.append("<figure><div class=\"scroll\">").append(svg).append("</div><figcaption>");
              out.append("The cycle: each arrow leads from what must have come first. <b>ww</b> ");
              out.append("overwrote, <b>wr</b> was read by, <b>rw</b> was read before it was ");
              out.append("overwritten by; <b>realtime</b> ended before the other began.");
              out.append("</figcaption></figure>");
            },
            () -> edges(out, cycle));
  }

  private static void edges(StringBuilder out, List<Edge> cycle) {
    out.append("<ol class=\"edges\">");
    for (Edge edge : cycle) {
      out.append("<li>").append(edge.from()).append(" <b>").append(Html.escape(edge.kind()));
      out.append("</b> ").append(edge.to()).append(": ").append(Html.escape(edge.reason()));
    }
    out.append("</ol>");
  }

  private void timeline(StringBuilder out, String svg, List<Integer> ops) {
    long begin = ops.stream().mapToLong(i -> run.calls.get(i).invoke().time()).min().orElse(0);
    long end =
        ops.stream()
            .map(run.calls::get)
            .mapToLong(call -> call.invoke().time() + Math.max(0, Run.latency(call)))
            .max()
            .orElse(run.end);
    out.append("<figure><div class=\"scroll\">").append(svg).append("</div><figcaption>");
    out.append(
        "What the processes did, from call to answer. Strong: the operations of the anomaly. ");
    out.append("Dashed: no answer came. Grey: a fault lasts.");
    out.append(" <button type=\"button\" class=\"quiet show\" hidden data-from=\"");
    out.append(begin / 1e6).append("\" data-to=\"").append(end / 1e6);
    out.append("\">Show this time in the plots</button></figcaption></figure>");
  }

  private void table(StringBuilder out, List<Integer> ops) {
    out.append("<div class=\"scroll\"><table class=\"ops\"><thead><tr><th><th>outcome");
    out.append("<th class=\"number\">process<th class=\"number\">node<th class=\"number\">called");
    out.append(
        "<th class=\"number\">took<th class=\"number\">events<th>operation</thead><tbody>\n");
    for (int i = 0; i < ops.size(); i++) {
      Call call = run.calls.get(ops.get(i));
      String outcome = call.outcome().name().toLowerCase(Locale.ROOT);
      long latency = Run.latency(call);
      long node = call.invoke().node();
      out.append("<tr data-op=\"").append(ops.get(i)).append("\"><td><b>T").append(i + 1);
      out.append("</b><td><span class=\"key ").append(outcome).append("\">").append(outcome);
      out.append("</span><td class=\"number\">").append(call.invoke().process());
      out.append("<td class=\"number\">").append(node == 0 ? "–" : Long.toString(node));
      out.append("<td class=\"number\">").append(Html.moment(call.invoke().time()));
      out.append("<td class=\"number\">").append(latency < 0 ? "no answer" : Html.time(latency));
      out.append("<td class=\"number\">").append(call.invoke().index());
      call.completion().map(Op::index).ifPresent(event -> out.append(", ").append(event));
      out.append("<td class=\"code\">").append(Html.escape(call.invoke().f())).append(' ');
      out.append(Html.escape(ValueText.of(Run.value(call), 400)));
      call.completion()
          .map(Op::error)
          .ifPresent(error -> out.append("<br><i>").append(Html.escape(error)).append("</i>"));
      out.append("\n");
    }
    out.append("</tbody></table></div>");
  }
}
