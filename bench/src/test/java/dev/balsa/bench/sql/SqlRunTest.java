package dev.balsa.bench.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.bench.Progress;
import dev.balsa.bench.RunFailedException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class SqlRunTest {
  private static final Pattern LINE =
      Pattern.compile(
          "(?m)^SQL case=(\\S+) ours=(\\d+) sqlite_local=(\\d+) raft_w1=(\\d+) ratio=([0-9.]+)$");
  private static final Pattern ROWS =
      Pattern.compile(
          "(?m)^  rows     (\\d+) acknowledged, (\\d+) in doubt; all nodes hold (\\d+), with"
              + " checksum ([0-9a-f]{16})$");

  @TempDir private Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(folder).isEmptyDirectory();
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void twoCasesPrintTheirLinesAndTheReplicasHoldWhatWasAcknowledged() throws Exception {
    List<SqlCase> cases = List.of(SqlCase.TX_16, SqlCase.SELECT_STALE_1);
    check(cases, run(cases, List.of()));
    assertThat(text()).containsPattern("(?m)^  insert-64, of insert-seq +>= 15 +- +not run$");
    assertThat(text()).containsPattern("(?m)^  select-stale-1, time of sqlite_local's +<= 1.3 ");
  }

  @Test
  @Tag("long")
  void everyCasePrintsItsLineAndTheReplicasHoldWhatWasAcknowledged() throws Exception {
    List<SqlCase> cases = List.of(SqlCase.values());
    check(cases, run(cases, List.of()));
    assertThat(text()).doesNotContain("not run");
  }

  @Test
  @Tag("long")
  void forcesThatTakeLongerHoldUpAllContenders() throws Exception {
    List<CaseResult> results =
        run(new SqlPlan(List.of(SqlCase.INSERT_SEQ), 2, 300, 100, List.of(), 10_000));
    assertThat(text()).containsPattern("(?m)^  ours .*; each force takes 10000 us longer; ");
    assertThat(results)
        .singleElement()
        .satisfies(
            result ->
                assertThat(List.of(result.ours(), result.local(), result.raft()))
                    .allSatisfy(rate -> assertThat(rate).isBetween(1.0, 100.0)));
  }

  @Test
  void aNodeThatCannotStartFailsTheRunWithItsReason() {
    assertThatThrownBy(
            () ->
                run(
                    List.of(SqlCase.INSERT_SEQ),
                    List.of("-Dbalsa.sqlite.library=/nowhere/sqlite.so")))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("/nowhere/sqlite.so");
  }

  private void check(List<SqlCase> cases, List<CaseResult> results) {
    Matcher line = LINE.matcher(text());
    Matcher rows = ROWS.matcher(text());
    assertThat(results).extracting(CaseResult::which).isEqualTo(cases);
    for (CaseResult result : results) {
      assertThat(line.find()).as(text()).isTrue();
      assertThat(line.group(1)).isEqualTo(result.which().label());
      double ours = Double.parseDouble(line.group(2));
      double local = Double.parseDouble(line.group(3));
      assertThat(ours).as(line.group()).isPositive();
      assertThat(local).as(line.group()).isPositive();
      assertThat(Double.parseDouble(line.group(4))).as(line.group()).isPositive();
      assertThat(Double.parseDouble(line.group(5)))
          .as(line.group())
          .isCloseTo(ours / local, org.assertj.core.data.Percentage.withPercentage(20));
      assertThat(rows.find()).as(text()).isTrue();
      long acknowledged = Long.parseLong(rows.group(1));
      assertThat(Long.parseLong(rows.group(3)))
          .as(rows.group())
          .isBetween(acknowledged, acknowledged + Long.parseLong(rows.group(2)));
      assertThat(acknowledged > 0).as(rows.group()).isEqualTo(result.which().writes());
      if (result.which().writes()) {
        assertThat(result.sentBytes()).as("bytes to a follower").isGreaterThan(5);
      }
      assertThat(result.gaps()).as("gaps of %s", result.which()).isNotEmpty();
    }
    assertThat(line.find()).isFalse();
    assertThat(text())
        .containsPattern("(?m)^  ours +[0-9,]+/s .*; p50 [0-9.]+ ms, p99 [0-9.]+ ms, max")
        .containsPattern("(?m)^           longest gap [0-9.]+ ms \\(")
        .containsPattern("(?m)^Bounds, by this run's figures:$");
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private List<CaseResult> run(List<SqlCase> cases, List<String> nodeArguments) throws Exception {
    return run(new SqlPlan(cases, 2, 100, 100, nodeArguments, 0));
  }

  private List<CaseResult> run(SqlPlan plan) throws Exception {
    return SqlRun.run(
        plan, folder, new PrintStream(printed, true, StandardCharsets.UTF_8), Progress.silent());
  }
}
