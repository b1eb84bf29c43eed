package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What each checker says. */
final class FindingsSection {
  private final Run run;

  FindingsSection(Run run) {
    this.run = run;
  }

  String html() {
    StringBuilder out = new StringBuilder("<section id=\"findings\"><h2>Findings</h2>\n");
    if (run.data.findings().isEmpty()) {
      out.append("<p class=\"note\">No checker has looked at this history.</p>");
    }
    out.append("<div class=\"cards\">");
    int number = 0;
    for (Finding finding : run.data.findings()) {
      card(out, finding, number);
      number += finding.anomalies().size();
    }
    return out.append("</div></section>\n").toString();
  }

  private static void card(StringBuilder out, Finding finding, int firstAnomaly) {
    String validity = finding.validity().name().toLowerCase(Locale.ROOT);
    out.append("<article class=\"card ").append(validity).append("\"><h3>");
    out.append(Html.escape(finding.checker())).append(" <span class=\"badge\">");
    out.append(validity).append("</span></h3>");
    Map<String, Integer> counts = new LinkedHashMap<>();
    Map<String, Integer> first = new LinkedHashMap<>();
    for (int i = 0; i < finding.anomalies().size(); i++) {
      String type = finding.anomalies().get(i).type();
      counts.merge(type, 1, Integer::sum);
      first.putIfAbsent(type, firstAnomaly + i + 1);
    }
    if (!counts.isEmpty()) {
      out.append("<ul class=\"types\">");
      counts.forEach(
          (type, count) -> {
            Integer at = first.get(type);
            boolean drawn = at != null && at <= AnomaliesSection.SHOWN_MAX;
            String name = "<b>" + Html.escape(type) + "</b>";
            out.append("<li>");
            out.append(drawn ? "<a href=\"#anomaly-" + at + "\">" + name + "</a>" : name);
            out.append(" <span>× ").append(Html.count(count)).append("</span></li>");
          });
      out.append("</ul>");
    }
    finding
        .missing()
        .forEach(
            why -> out.append("<p class=\"missing\">").append(Html.escape(why)).append("</p>"));
    if (!finding.facts().isEmpty()) {
      out.append("<dl class=\"facts\">");
      finding.facts().forEach((name, value) -> fact(out, name, value));
      out.append("</dl>");
    }
    out.append("</article>\n");
  }

  private static void fact(StringBuilder out, String name, Object value) {
    boolean whole = value instanceof Long || value instanceof Integer;
    String text = whole ? Html.count(((Number) value).longValue()) : ConfigSection.text(value);
    out.append("<div><dt>").append(Html.escape(name)).append("</dt><dd>");
    out.append(Html.escape(text)).append("</dd></div>");
  }
}
