package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.check.Finding.Validity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run has shown.
 *
 * @param findings of all checkers
 * @param facts what was counted and measured, in the order in which it is to be shown
 */
public record Result(List<Finding> findings, Map<String, @Nullable Object> facts) {
  /** How many operations a lane of the printed summary shows. */
  private static final int ANOMALIES_SHOWN = 5;

  /** Copies the list. */
  public Result {
    findings = List.copyOf(findings);
  }

  /** The worst of all verdicts; unknown if nothing was judged. */
  public Validity validity() {
    boolean unknown = findings.isEmpty();
    for (Finding finding : findings) {
      if (finding.validity() == Validity.INVALID) {
        return Validity.INVALID;
      }
      unknown |= finding.validity() == Validity.UNKNOWN;
    }
    return unknown ? Validity.UNKNOWN : Validity.VALID;
  }

  /** For the file {@code results.json}. */
  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("verdict", word(validity()));
    map.putAll(facts);
    map.put("findings", findings.stream().map(Result::toMap).toList());
    return map;
  }

  private static Map<String, @Nullable Object> toMap(Finding finding) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("checker", finding.checker());
    map.put("verdict", word(finding.validity()));
    map.put("facts", finding.facts());
    map.put("missing", finding.missing());
    map.put("anomalies", finding.anomalies().stream().map(Result::toMap).toList());
    return map;
  }

  private static Map<String, @Nullable Object> toMap(Anomaly anomaly) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("type", anomaly.type());
    map.put("explanation", anomaly.explanation());
    map.put("ops", anomaly.ops());
    List<Map<String, Object>> cycle = new ArrayList<>();
    for (Edge edge : anomaly.cycle()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("from", edge.from());
      one.put("to", edge.to());
      one.put("kind", edge.kind());
      one.put("reason", edge.reason());
      cycle.add(one);
    }
    map.put("cycle", cycle);
    return map;
  }

  /** What people want to know of it. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Finding finding : findings) {
      lines.add(
          String.format(
              Locale.ROOT, "%-22s %-8s %s",
              finding.checker(), word(finding.validity()), finding.facts()));
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

  static String word(Validity validity) {
    return validity.name().toLowerCase(Locale.ROOT);
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
