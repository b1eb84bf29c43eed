package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.ResultsJson;
import dev.balsa.jepsen.history.Edn;
import dev.balsa.jepsen.history.HistoryReader;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run has left in its folder: {@code history.edn}, and if they are there {@code config.json}
 * (an object), {@code results.json} (its {@code findings}: checker, anomalies, missing, facts) and
 * {@code leaders.edn}, a line for each sample, in the order of their times: <code>
 * {:time 1000000, :node 2, :term 5}</code>.
 */
public final class RunFolder {
  private RunFolder() {}

  /**
   * Reads it. A history that a killed harness has left with a torn end is read up to there.
   *
   * @throws IOException if there is no history, or a file is not what it should be; says which
   */
  public static ReportData read(Path folder) throws IOException {
    Path history = folder.resolve("history.edn");
    if (!Files.exists(history)) {
      throw new NoSuchFileException(history.toString(), null, "no history");
    }
    return new ReportData(
        HistoryReader.readTorn(history),
        findings(folder.resolve(ResultsJson.FILE)),
        config(folder.resolve("config.json")),
        leaders(folder.resolve("leaders.edn")));
  }

  private static Map<String, @Nullable Object> config(Path file) throws IOException {
    try {
      return Files.exists(file) ? JsonReader.object(Files.readString(file)) : Map.of();
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static List<Finding> findings(Path file) throws IOException {
    return Files.exists(file) ? ResultsJson.read(file).findings() : List.of();
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
}
