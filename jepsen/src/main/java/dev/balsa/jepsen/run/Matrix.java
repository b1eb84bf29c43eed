package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Findings;
import dev.balsa.jepsen.check.ResultsJson;
import dev.balsa.jepsen.json.JsonReader;
import dev.balsa.jepsen.json.JsonText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs of many workloads under many faults, each in a folder of its own, and a table of them. A
 * cell whose results are there already is not run again, if so asked: so it can be done in
 * stretches.
 */
public final class Matrix {
  /** The table for people, in the matrix's folder. */
  static final String TABLE = "table.md";

  /** The same for programs. */
  static final String TABLE_JSON = "table.json";

  private static final List<String> COLUMNS =
      List.of(
          "workload",
          "fault",
          "runs",
          "ok/fail/info",
          "elections",
          "snapshots",
          "whole ms",
          "verdict",
          "command");

  private final Path folder;
  private final boolean resume;
  private final PrintStream out;
  private final List<Row> rows = new ArrayList<>();

  /**
   * A run of the matrix.
   *
   * @param workload its name
   * @param fault its name, two of them with a {@code +} between, or {@code none}
   */
  public record Cell(String workload, String fault) {
    /** The name of its folder. */
    String folder() {
      return workload + "-" + fault;
    }
  }

  /** Makes the run of a cell. */
  public interface Runner {
    /**
     * Runs it, and leaves its results in its folder.
     *
     * @param folder empty
     * @throws IllegalArgumentException if this machine cannot do it; says why
     */
    Result run(Cell cell, Path folder) throws IOException, InterruptedException;
  }

  /** A line of the table. */
  private record Row(Cell cell, String verdict, Map<?, ?> facts, String command) {
    Object fact(String name) {
      Object value = facts.get(name);
      return value == null ? "-" : value;
    }

    List<Object> values() {
      boolean ran = facts.containsKey("ok");
      return List.of(
          cell.workload(),
          cell.fault(),
          ran ? 1 : 0,
          fact("ok") + "/" + fact("fail") + "/" + fact("info"),
          fact("elections"),
          fact("snapshots-installed"),
          fact("whole-ms-max"),
          verdict,
          command);
    }
  }

  /**
   * Creates it.
   *
   * @param folder for the runs and the table
   * @param resume whether cells are left out whose results are there
   */
  public Matrix(Path folder, boolean resume, PrintStream out) {
    this.folder = folder;
    this.resume = resume;
    this.out = out;
  }

  /**
   * Runs all cells.
   *
   * @return the worst exit code: that of an invalid cell, or of one that is unknown or not run
   */
  public int run(List<Cell> cells, Runner runner) throws IOException, InterruptedException {
    int worst = 0;
    for (Cell cell : cells) {
      Row row = row(cell, runner);
      rows.add(row);
      write();
      out.println(
          "CELL " + String.join(" | ", row.values().stream().map(String::valueOf).toList()));
      worst =
          switch (row.verdict()) {
            case "valid" -> worst;
            case "invalid" -> 1;
            default -> worst == 1 ? 1 : 2;
          };
    }
    return worst;
  }

  private Row row(Cell cell, Runner runner) throws IOException, InterruptedException {
    Path place = folder.resolve(cell.folder());
    Path results = place.resolve(ResultsJson.FILE);
    if (resume && Files.exists(results)) {
      return row(cell, ResultsJson.read(results), place);
    }
    if (Files.exists(place)) {
      Folders.delete(place); // what a run that was broken off has left
    }
    Files.createDirectories(place);
    try {
      return row(cell, runner.run(cell, place).all(), place);
    } catch (IllegalArgumentException e) {
      return new Row(cell, "not run: " + e.getMessage(), Map.of(), "-");
    }
  }

  private static Row row(Cell cell, Findings findings, Path place) throws IOException {
    Path config = place.resolve(TestRun.CONFIG);
    Object command =
        Files.exists(config)
            ? JsonReader.object(Files.readString(config)).get(Settings.COMMAND)
            : null;
    return new Row(
        cell,
        findings.validity().word(),
        findings.of(Result.MEASURED).map(Finding::facts).orElse(Map.of()),
        command == null ? "-" : "`" + command + "`");
  }

  private void write() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("| " + String.join(" | ", COLUMNS) + " |");
    lines.add("|" + "---|".repeat(COLUMNS.size()));
    List<Map<String, Object>> maps = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> map = new LinkedHashMap<>();
      List<String> words = new ArrayList<>();
      for (int i = 0; i < COLUMNS.size(); i++) {
        map.put(COLUMNS.get(i), row.values().get(i));
        words.add(String.valueOf(row.values().get(i)));
      }
      maps.add(map);
      lines.add("| " + String.join(" | ", words) + " |");
    }
    Files.write(folder.resolve(TABLE), lines);
    Files.writeString(folder.resolve(TABLE_JSON), JsonText.indented(Map.of("cells", maps)));
  }
}
