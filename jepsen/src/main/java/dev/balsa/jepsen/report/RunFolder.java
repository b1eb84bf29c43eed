package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.Edn;
import dev.balsa.jepsen.history.HistoryReader;
import dev.balsa.jepsen.history.Keyword;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run has left in its folder: {@code history.edn}, and if they are there {@code config.json}
 * (an object), {@code results.json} (its {@code findings}: checker, anomalies, missing, facts) and
 * {@code leaders.edn}, a line for each sample, in the order of their times: <code>
 * {:time 1000000, :node 2, :term 5}</code>.
 */
final class RunFolder {
  private RunFolder() {}

  /**
   * Reads it. A history that a killed harness has left with a torn end is read up to there.
   *
   * @throws IOException if there is no history, or a file is not what it should be; says which
   */
  static ReportData read(Path folder) throws IOException {
    Path history = folder.resolve("history.edn");
    if (!Files.exists(history)) {
      throw new NoSuchFileException(history.toString(), null, "no history");
    }
    return new ReportData(
        HistoryReader.readTorn(history),
        findings(folder.resolve("results.json")),
        object(folder.resolve("config.json")),
        leaders(folder.resolve("leaders.edn")));
  }

  private static Map<String, @Nullable Object> object(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      return members(JsonReader.parse(Files.readString(file)));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static List<Finding> findings(Path file) throws IOException {
    List<Finding> findings = new ArrayList<>();
    try {
      for (Object item : list(object(file).get("findings"))) {
        findings.add(finding(members(item)));
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    return findings;
  }

  /** The verdict follows from what is wrong and what is missing, as the checkers take it. */
  private static Finding finding(Map<String, @Nullable Object> map) {
    List<Anomaly> anomalies = new ArrayList<>();
    for (Object item : list(map.get("anomalies"))) {
      Map<String, @Nullable Object> anomaly = members(item);
      List<Edge> cycle = new ArrayList<>();
      for (Object edgeItem : list(anomaly.get("cycle"))) {
        Map<String, @Nullable Object> edge = members(edgeItem);
        cycle.add(
            new Edge(
                event(edge.get("from")),
                event(edge.get("to")),
                text(edge.get("kind")),
                text(edge.get("reason"))));
      }
      List<Integer> ops = list(anomaly.get("ops")).stream().map(RunFolder::event).toList();
      anomalies.add(
          new Anomaly(text(anomaly.get("type")), text(anomaly.get("explanation")), ops, cycle));
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    if (map.get("facts") != null) {
      members(map.get("facts"))
          .forEach((name, value) -> facts.put(name, Objects.requireNonNullElse(value, "–")));
    }
    List<String> missing = list(map.get("missing")).stream().map(RunFolder::text).toList();
    return Finding.of(
        text(map.get("checker")), anomalies, anomalies.isEmpty() ? missing : List.of(), facts);
  }

  private static List<LeaderSample> leaders(Path file) throws IOException {
    List<LeaderSample> samples = new ArrayList<>();
    if (!Files.exists(file)) {
      return samples;
    }
    for (String line : Files.readAllLines(file)) {
      if (line.isBlank()) {
        continue;
      }
      if (!(Edn.parse(line) instanceof Map<?, ?> map)
          || !(map.get(new Keyword("time")) instanceof Long time)
          || !(map.get(new Keyword("node")) instanceof Long node)
          || !(map.get(new Keyword("term")) instanceof Long term)) {
        throw new IOException(file + ": no sample of a leader: " + line);
      }
      samples.add(new LeaderSample(time, node, term));
    }
    return samples;
  }

  private static Map<String, @Nullable Object> members(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("an object is wanted, not " + value);
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    map.forEach((name, member) -> members.put(String.valueOf(name), member));
    return members;
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
