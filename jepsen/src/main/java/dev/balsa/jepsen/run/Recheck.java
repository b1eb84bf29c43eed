package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Findings;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.HistoryReader;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.json.JsonReader;
import dev.balsa.jepsen.workload.ReadLevel;
import dev.balsa.jepsen.workload.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges a history that is there already: that of a run, also of one that was broken off, or one
 * that another tool has written in Jepsen's format.
 */
public final class Recheck {
  private Recheck() {}

  /**
   * Judges.
   *
   * @param path a run's folder, or a history's file
   * @param workload its name; null if the run's configuration tells
   * @param level what its reads promised; null if the run's configuration tells, or they were
   *     linearizable
   * @throws IllegalArgumentException if nobody tells the workload, or the history is none of it
   */
  public static Result judge(Path path, @Nullable String workload, @Nullable ReadLevel level)
      throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(TestRun.HISTORY) : path;
    Map<String, @Nullable Object> config = config(path);
    Object name = workload == null ? config.get("workload") : workload;
    if (name == null) {
      throw new IllegalArgumentException("it must be said which workload " + file + " is of");
    }
    Object word = level == null ? config.get("read-mode") : level.word();
    ReadLevel promised = word == null ? ReadLevel.LINEARIZABLE : ReadLevel.of(word.toString());
    History history = HistoryReader.readTorn(file);
    Findings findings = Findings.of(Workloads.of(name.toString(), promised).checkers(), history);
    Map<String, Object> facts = new LinkedHashMap<>();
    for (Op.Type type : List.of(Op.Type.OK, Op.Type.FAIL, Op.Type.INFO)) {
      facts.put(
          Completion.word(type),
          history.calls().stream().filter(call -> call.outcome() == type).count());
    }
    return new Result(findings.findings(), facts);
  }

  private static Map<String, @Nullable Object> config(Path path) throws IOException {
    Path file = path.resolve(TestRun.CONFIG);
    return Files.isDirectory(path) && Files.exists(file)
        ? JsonReader.object(Files.readString(file))
        : Map.of();
  }
}
