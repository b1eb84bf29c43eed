package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.json.JsonReader;
import dev.balsa.jepsen.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Findings as {@code results.json}:
 *
 * <pre>{@code
 * {"version": 1,
 *  "valid": "invalid",                     "valid", "invalid" or "unknown"; that of all findings
 *  "findings": [
 *    {"checker": "list-append",
 *     "valid": "invalid",
 *     "anomalies": [
 *       {"type": "G-single-realtime",
 *        "explanation": "lines of text",
 *        "ops": [17, 25],                  indexes of events in the history
 *        "cycle": [                        empty if it is none
 *          {"from": 17, "to": 25, "kind": "wr", "reason": "a sentence"}]}],
 *     "missing": ["a sentence"],           why it is unknown; else empty
 *     "facts": {"transactions": 1000}}]}   what was counted: names and values of any kind
 * }</pre>
 *
 * <p>All names are always there, in this order. {@code version} changes if any of them changes its
 * meaning or goes; facts come and go. Text is UTF-8.
 */
public final class ResultsJson {
  /** The name of the file in a run's folder. */
  public static final String FILE = "results.json";

  private static final int VERSION = 1;

  private ResultsJson() {}

  /** Writes a file; replaces it if it is there. */
  public static void write(Findings findings, Path file) throws IOException {
    Files.writeString(file, text(findings));
  }

  /** The text of the file. */
  public static String text(Findings findings) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", VERSION);
    all.put("valid", findings.validity().word());
    all.put("findings", findings.findings().stream().map(ResultsJson::finding).toList());
    return JsonText.indented(all);
  }

  private static Map<String, Object> finding(Finding finding) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("checker", finding.checker());
    map.put("valid", finding.validity().word());
    map.put("anomalies", finding.anomalies().stream().map(ResultsJson::anomaly).toList());
    map.put("missing", finding.missing());
    map.put("facts", finding.facts());
    return map;
  }

  private static Map<String, Object> anomaly(Anomaly anomaly) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("type", anomaly.type());
    map.put("explanation", anomaly.explanation());
    map.put("ops", anomaly.ops());
    map.put("cycle", anomaly.cycle().stream().map(ResultsJson::edge).toList());
    return map;
  }

  private static Map<String, Object> edge(Edge edge) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("from", edge.from());
    map.put("to", edge.to());
    map.put("kind", edge.kind());
    map.put("reason", edge.reason());
    return map;
  }

  /**
   * Reads a file. Each verdict follows from what is wrong and what is missing, as the checkers take
   * it; a fact that is null becomes a dash.
   *
   * @throws IOException if it cannot be read, or is not of this form; says where
   */
  public static Findings read(Path file) throws IOException {
    try {
      List<Finding> findings = new ArrayList<>();
      for (Object item : list(JsonReader.object(Files.readString(file)).get("findings"))) {
        findings.add(finding(JsonReader.members(item)));
      }
      return new Findings(findings);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static Finding finding(Map<String, @Nullable Object> map) {
    List<Anomaly> anomalies = new ArrayList<>();
    for (Object item : list(map.get("anomalies"))) {
      anomalies.add(anomaly(JsonReader.members(item)));
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    if (map.get("facts") != null) {
      JsonReader.members(map.get("facts"))
          .forEach((name, value) -> facts.put(name, Objects.requireNonNullElse(value, "–")));
    }
    List<String> missing = list(map.get("missing")).stream().map(ResultsJson::text).toList();
    return Finding.of(
        text(map.get("checker")), anomalies, anomalies.isEmpty() ? missing : List.of(), facts);
  }

  private static Anomaly anomaly(Map<String, @Nullable Object> map) {
    List<Edge> cycle = new ArrayList<>();
    for (Object item : list(map.get("cycle"))) {
      Map<String, @Nullable Object> edge = JsonReader.members(item);
      cycle.add(
          new Edge(
              event(edge.get("from")),
              event(edge.get("to")),
              text(edge.get("kind")),
              text(edge.get("reason"))));
    }
    List<Integer> ops = list(map.get("ops")).stream().map(ResultsJson::event).toList();
    return new Anomaly(text(map.get("type")), text(map.get("explanation")), ops, cycle);
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private static int event(@Nullable Object value) {
    if (value instanceof Long number) {
      return Math.toIntExact(number);
    }
    throw new IllegalArgumentException("an event's index is wanted, not " + value);
  }
}
