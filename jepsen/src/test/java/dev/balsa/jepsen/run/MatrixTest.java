package dev.balsa.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.ResultsJson;
import dev.balsa.jepsen.json.JsonReader;
import dev.balsa.jepsen.json.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatrixTest {
  private static final Matrix.Cell SOUND = new Matrix.Cell("set", "kill");
  private static final Matrix.Cell BROKEN = new Matrix.Cell("bank", "partition+kill");
  private static final Matrix.Cell IMPOSSIBLE = new Matrix.Cell("append", "io-error");

  @TempDir private Path folder;
  private final List<Matrix.Cell> ran = new ArrayList<>();

  @Test
  void theTableTellsEachCell() throws Exception {
    assertThat(run(false, SOUND, BROKEN, IMPOSSIBLE)).isEqualTo(1);
    assertThat(Files.readAllLines(folder.resolve(Matrix.TABLE)).subList(2, 5))
        .containsExactly(
            "| set | kill | 1 | 1000/20/3 | 4 | 2 | 700 | valid | `balsa set kill` |",
            "| bank | partition+kill | 1 | 1000/20/3 | 4 | 2 | 700 | invalid | `balsa bank partition+kill` |",
            "| append | io-error | 0 | -/-/- | - | - | - | not run: strace is missing | - |");
    assertThat(JsonReader.object(Files.readString(folder.resolve(Matrix.TABLE_JSON))).get("cells"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .hasSize(3);
  }

  @Test
  void whatIsDoneIsNotDoneAgainAndStaysInTheTable() throws Exception {
    assertThat(run(false, SOUND)).isZero();
    Files.createDirectories(folder.resolve(BROKEN.folder()).resolve("half")); // broken off
    assertThat(run(true, SOUND, BROKEN)).isEqualTo(1);
    assertThat(ran).containsExactly(SOUND, BROKEN);
    assertThat(Files.readAllLines(folder.resolve(Matrix.TABLE)))
        .contains("| set | kill | 1 | 1000/20/3 | 4 | 2 | 700 | valid | `balsa set kill` |");
    assertThat(folder.resolve(BROKEN.folder()).resolve("half")).doesNotExist();
  }

  @Test
  void whatCouldNotBeRunIsNotValid() throws Exception {
    assertThat(run(false, SOUND, IMPOSSIBLE)).isEqualTo(2);
  }

  private int run(boolean resume, Matrix.Cell... cells) throws Exception {
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return new Matrix(folder, resume, out).run(List.of(cells), this::cell);
  }

  private Result cell(Matrix.Cell cell, Path place) throws IOException {
    if (cell.equals(IMPOSSIBLE)) {
      throw new IllegalArgumentException("strace is missing");
    }
    ran.add(cell);
    List<Anomaly> wrong =
        cell.equals(BROKEN)
            ? List.of(new Anomaly("wrong-total", "money has gone", List.of(), List.of()))
            : List.of();
    Result result =
        new Result(
            List.of(Finding.of("bank", wrong, List.of(), Map.of())),
            Map.of(
                "ok",
                1000,
                "fail",
                20,
                "info",
                3,
                "elections",
                4,
                "snapshots-installed",
                2,
                "whole-ms-max",
                700));
    Files.writeString(
        place.resolve(TestRun.CONFIG),
        JsonText.indented(
            Map.of(Settings.COMMAND, "balsa " + cell.workload() + " " + cell.fault())));
    ResultsJson.write(result.all(), place.resolve(ResultsJson.FILE));
    return result;
  }
}
