package dev.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class SqlRunTest {
  private static final Pattern LINE =
      Pattern.compile(
          "(?m)^SQL writers=2 tps=(\\d+) p50_us=(\\d+) p99_us=(\\d+) fsync_per_s=(\\d+)"
              + " fsync3_per_s=(\\d+)$");

  @TempDir private Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void threeNodesTakeRowsAndTheRunPrintsItsLineAndLeavesNothingBehind() throws Exception {
    run(List.of());
    Matcher line = LINE.matcher(printed.toString(StandardCharsets.UTF_8));
    assertThat(line.find()).as("%s", printed).isTrue();
    for (int group = 1; group <= line.groupCount(); group++) {
      assertThat(Long.parseLong(line.group(group))).as(line.group()).isPositive();
    }
    assertThat(Long.parseLong(line.group(3)))
        .as("p99 and p50 in %s", line.group())
        .isGreaterThanOrEqualTo(Long.parseLong(line.group(2)));
    assertThat(folder).isEmptyDirectory();
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void aNodeThatCannotStartFailsTheRunWithItsReasonAndLeavesNothingBehind() {
    assertThatThrownBy(() -> run(List.of("-Dbalsa.sqlite.library=/nowhere/sqlite.so")))
        .isInstanceOf(SqlRun.FailedException.class)
        .hasMessageContaining("/nowhere/sqlite.so");
    assertThat(folder).isEmptyDirectory();
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  private void run(List<String> nodeArguments) throws Exception {
    SqlRun.run(
        new SqlRun.Plan(List.of(2), 100, 500, nodeArguments),
        folder,
        new PrintStream(printed, true, StandardCharsets.UTF_8));
  }
}
