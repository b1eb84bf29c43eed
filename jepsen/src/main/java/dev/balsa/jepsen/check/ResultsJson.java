package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.check.Finding.Validity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes findings as {@code results.json}:
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
  private static final String INDENT = "  ";

  private final StringBuilder out = new StringBuilder();

  private ResultsJson() {}

  /** Writes a file; replaces it if it is there. */
  public static void write(Findings findings, Path file) throws IOException {
    Files.writeString(file, text(findings));
  }

  /** The text of the file. */
  public static String text(Findings findings) {
    ResultsJson json = new ResultsJson();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", VERSION);
    all.put("valid", word(findings.validity()));
    all.put("findings", findings.findings().stream().map(ResultsJson::finding).toList());
    json.value(all, "\n");
    return json.out.append("\n").toString();
  }

  private static Map<String, Object> finding(Finding finding) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("checker", finding.checker());
    map.put("valid", word(finding.validity()));
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

  private static String word(Validity validity) {
    return validity.name().toLowerCase(Locale.ROOT);
  }

  /** Numbers, truth values, lists and maps as such; all else as text. */
  private void value(@Nullable Object value, String newLine) {
    if (value instanceof Map<?, ?> map) {
      members(map, newLine);
    } else if (value instanceof Collection<?> collection) {
      elements(collection, newLine);
    } else if (value == null || value instanceof Boolean || isWritable(value)) {
      out.append(value);
    } else {
      string(value.toString());
    }
  }

  /** JSON has no word for what is not finite. */
  private static boolean isWritable(Object value) {
    return value instanceof Integer
        || value instanceof Long
        || (value instanceof Double number && Double.isFinite(number));
  }

  private void members(Map<?, ?> map, String newLine) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    String separator = "{";
    for (Map.Entry<?, ?> member : map.entrySet()) {
      out.append(separator).append(newLine).append(INDENT);
      string(String.valueOf(member.getKey()));
      out.append(": ");
      value(member.getValue(), newLine + INDENT);
      separator = ",";
    }
    out.append(newLine).append("}");
  }

  private void elements(Collection<?> elements, String newLine) {
    boolean flat = elements.stream().noneMatch(e -> e instanceof Map || e instanceof List);
    String separator = "[";
    for (Object element : elements) {
      out.append(separator).append(flat ? "" : newLine + INDENT);
      value(element, newLine + INDENT);
      separator = flat ? ", " : ",";
    }
    out.append(elements.isEmpty() ? "[" : flat ? "" : newLine).append("]");
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          // A half of a surrogate pair alone is no text that UTF-8 could hold.
          if (c < ' ' || (Character.isSurrogate(c) && !isPaired(text, i))) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isPaired(String text, int index) {
    return Character.isHighSurrogate(text.charAt(index))
        ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
        : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
  }
}
