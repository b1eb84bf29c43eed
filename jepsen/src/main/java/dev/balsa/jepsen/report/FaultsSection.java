package dev.balsa.jepsen.report;

import dev.balsa.jepsen.history.History.Call;
import java.util.List;

/** The faults, and what was done while they lasted. */
final class FaultsSection {
  private static final int SHOWN_MAX = 200;

  private final Run run;

  FaultsSection(Run run) {
    this.run = run;
  }

  String html() {
    StringBuilder out = new StringBuilder("<section id=\"faults\"><h2>Faults</h2>\n");
    if (run.faults.isEmpty()) {
      return out.append("<p class=\"note\">Nothing was done to the cluster.</p></section>\n")
          .toString();
    }
    out.append("<div class=\"scroll\"><table><thead><tr><th>fault<th class=\"number\">from");
    out.append(
        "<th class=\"number\">for<th>what was done<th class=\"number\">operations that were");
    out.append(" called meanwhile</thead><tbody>\n");
    for (FaultSpan fault : run.faults.subList(0, Math.min(SHOWN_MAX, run.faults.size()))) {
      out.append("<tr><td><b>")
          .append(Html.escape(fault.name()))
          .append("</b><td class=\"number\">");
      out.append(Html.moment(fault.begin())).append("<td class=\"number\">");
      out.append(Html.time(fault.end() - fault.begin())).append("<td>");
      out.append(Html.escape(fault.what())).append("<td class=\"number\">");
      out.append(Summary.outcomes(during(fault))).append("\n");
    }
    out.append("</tbody></table></div>");
    if (run.faults.size() > SHOWN_MAX) {
      out.append("<p class=\"note\">… and ");
      out.append(Html.count(run.faults.size() - SHOWN_MAX)).append(" more.</p>");
    }
    return out.append("</section>\n").toString();
  }

  private List<Call> during(FaultSpan fault) {
    return run.calls.stream()
        .filter(call -> call.invoke().time() >= fault.begin() && call.invoke().time() < fault.end())
        .toList();
  }
}
