package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What a run has shown.
 *
 * @param findings of all checkers
 * @param facts what was counted and measured, in the order in which it is to be shown
 */
public record Result(List<Finding> findings, Map<String, Object> facts) {
  /** The name of the finding that tells what was measured. */
  static final String MEASURED = "measured";

  private static final int ANOMALIES_SHOWN = 5;

  /** Copies the list. */
  public Result {
    findings = List.copyOf(findings);
  }

  /** The worst of all verdicts; unknown if nothing was judged. */
  public Validity validity() {
    return new Findings(findings).validity();
  }

  /** The findings, and what was measured as one more. */
  Findings all() {
    return new Findings(findings).and(Finding.of(MEASURED, List.of(), List.of(), facts));
  }

  /** What people want to know of it. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Finding finding : findings) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-22s %-8s %s",
              finding.checker(),
              finding.validity().word(),
              finding.facts()));
      finding.missing().forEach(missing -> lines.add("  unknown: " + missing));
      finding.anomalies().stream()
          .limit(ANOMALIES_SHOWN)
          .forEach(a -> lines.add("  " + a.type() + ": " + a.explanation()));
      if (finding.anomalies().size() > ANOMALIES_SHOWN) {
        lines.add("  and " + (finding.anomalies().size() - ANOMALIES_SHOWN) + " more");
      }
    }
    facts.forEach((name, value) -> lines.add(name + " " + Objects.toString(value)));
    return lines;
  }

  /** The process's exit code for a verdict. */
  public static int exitCode(Validity validity) {
    return switch (validity) {
      case VALID -> 0;
      case INVALID -> 1;
      case UNKNOWN -> 2;
    };
  }
}
