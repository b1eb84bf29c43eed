package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The head of the page: what was tested, the verdict, and the figures that one wants first. */
final class Summary {
  private final Run run;

  Summary(Run run) {
    this.run = run;
  }

  /** What was tested, such as {@code append under partition and kill}. */
  String subject() {
    Object workload = run.data.config().get("workload");
    String what = workload == null ? "A run" : ConfigSection.text(workload);
    String faults = faults();
    return faults.isEmpty() ? what : what + " under " + faults;
  }

  private String faults() {
    List<String> names = run.faults.stream().map(FaultSpan::name).distinct().sorted().toList();
    Object nemesis = run.data.config().get("nemesis");
    if (names.isEmpty()) {
      return nemesis == null ? "" : ConfigSection.text(nemesis);
    }
    if (names.size() > 4) {
      return names.size() + " kinds of faults";
    }
    return names.size() == 1
        ? names.get(0)
        : String.join(", ", names.subList(0, names.size() - 1))
            + " and "
            + names.get(names.size() - 1);
  }

  String title() {
    return verdict() + ": " + subject() + " · Balsa Jepsen-style test";
  }

  private String verdict() {
    return switch (run.data.validity()) {
      case VALID -> "Valid";
      case INVALID -> "Invalid";
      case UNKNOWN -> "Unknown";
    };
  }

  String header() {
    Validity validity = run.data.validity();
    String css = validity.name().toLowerCase(Locale.ROOT);
    StringBuilder out = new StringBuilder("<header>\n<div class=\"masthead\"><p class=\"kicker\">");
    out.append("Balsa · black-box test of real nodes under faults</p>");
    out.append("<button type=\"button\" id=\"theme\" class=\"quiet\" hidden></button></div>\n<h1>");
    out.append(Html.escape(capital(subject()))).append("</h1>\n");
    out.append("<div class=\"verdict ").append(css).append("\" data-verdict=\"").append(css);
    out.append("\"><span class=\"sign\" aria-hidden=\"true\">").append(sign(validity));
    out.append("</span><div><strong>").append(verdict()).append("</strong><p>");
    out.append(Html.escape(sentence(validity))).append("</p></div></div>\n");
    return out.append(figures()).append("</header>\n").toString();
  }

  private static String sign(Validity validity) {
    return switch (validity) {
      case VALID -> "✓";
      case INVALID -> "✕";
      case UNKNOWN -> "?";
    };
  }

  private String sentence(Validity validity) {
    List<Finding> findings = run.data.findings();
    long anomalies = findings.stream().mapToLong(finding -> finding.anomalies().size()).sum();
    String looked =
        Html.count(findings.size(), "checker", "checkers")
            + " looked at "
            + Html.count(run.calls.size(), "operation", "operations");
    return switch (validity) {
      case VALID -> looked + ", and found nothing wrong.";
      case INVALID ->
          looked
              + ", and found "
              + Html.count(anomalies, "anomaly", "anomalies")
              + ": "
              + types()
              + ".";
      case UNKNOWN ->
          findings.isEmpty()
              ? "No checker has looked at the " + Html.count(run.calls.size()) + " operations."
              : looked + ", and could not decide; what is missing is told below.";
    };
  }

  private String types() {
    return run.data.findings().stream()
        .flatMap(finding -> finding.anomalies().stream())
        .map(Finding.Anomaly::type)
        .distinct()
        .limit(6)
        .collect(Collectors.joining(", "));
  }

  private String figures() {
    long ok = run.count(Op.Type.OK);
    long[] latencies =
        run.calls.stream()
            .filter(call -> call.outcome() == Op.Type.OK)
            .mapToLong(Run::latency)
            .sorted()
            .toArray();
    StringBuilder out = new StringBuilder("<dl class=\"figures\">");
    figure(out, "Operations", Html.count(run.calls.size()), null);
    figure(out, "ok", Html.count(ok), "ok");
    figure(out, "info", Html.count(run.count(Op.Type.INFO)), "info");
    figure(out, "fail", Html.count(run.count(Op.Type.FAIL)), "fail");
    figure(out, "Duration", Html.time(run.end), null);
    double rate = ok / (run.end / 1e9);
    String rateText =
        rate < 10 ? String.format(Locale.ROOT, "%.2f", rate) : Html.count((long) rate);
    figure(out, "Mean rate of ok", rateText + "/s", null);
    if (latencies.length > 0) {
      figure(out, "Median latency", Html.time(quantile(latencies, 0.5)), null);
      figure(out, "99th percentile", Html.time(quantile(latencies, 0.99)), null);
    }
    figure(out, "Faults", Html.count(run.faults.size()), null);
    if (!run.data.leaders().isEmpty()) {
      long terms = new TreeSet<>(run.leaders.stream().map(LeaderSpan::term).toList()).size();
      figure(out, "Terms with a leader", Html.count(terms), null);
    }
    return out.append("</dl>\n").toString();
  }

  private static void figure(
      StringBuilder out, String name, String value, @Nullable String outcome) {
    out.append(outcome == null ? "<div>" : "<div class=\"key " + outcome + "\">");
    out.append("<dt>").append(name).append("</dt><dd>").append(value).append("</dd></div>");
  }

  static long quantile(long[] sorted, double q) {
    return sorted[(int) Math.min(sorted.length - 1L, (long) (q * sorted.length))];
  }

  static String capital(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /** How many of some operations ended how, such as {@code 120 ok, 3 info, 1 fail}. */
  static String outcomes(List<Call> calls) {
    return Payload.OUTCOMES.stream()
        .map(
            outcome ->
                Html.count(calls.stream().filter(call -> call.outcome() == outcome).count())
                    + " "
                    + outcome.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }
}
