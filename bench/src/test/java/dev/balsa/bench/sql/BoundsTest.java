package dev.balsa.bench.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoundsTest {
  private static CaseResult result(SqlCase which, double ours, double bytes, GapStory... gaps) {
    return new CaseResult(which, ours, 1000, 100, bytes, List.of(gaps));
  }

  private static GapStory gap(long millis, Activity... activities) {
    return new GapStory(
        SqlCase.MIXED_16, 0, millis * 1000, 1, List.of(Arrays.asList(activities), List.of()));
  }

  private static Activity activity(String kind, long millis) {
    return new Activity(kind, 0, millis * 1000);
  }

  private static String verdict(String begin, List<CaseResult> run) {
    return Bounds.of(run).stream()
        .filter(line -> line.what().startsWith(begin))
        .findFirst()
        .orElseThrow()
        .verdict();
  }

  private static String gapVerdict(GapStory... gaps) {
    return verdict("gap", List.of(result(SqlCase.MIXED_16, 1, 1, gaps)));
  }

  @Test
  void eachBoundIsMetFromItsFigureOnAndShortBelow() {
    List<CaseResult> met =
        List.of(
            result(SqlCase.INSERT_SEQ, 200, 1),
            result(SqlCase.INSERT_64, 3000, 499),
            result(SqlCase.TX_64, 1000, 1),
            result(SqlCase.SELECT_STALE_1, 770, 1),
            result(SqlCase.SELECT_STALE_16, 1500, 1),
            result(SqlCase.SELECT_LINEARIZABLE_16, 20_000, 1));
    assertThat(Bounds.of(met)).hasSize(9).extracting(Bounds.Line::verdict).containsOnly("ok");
    List<CaseResult> short_ =
        List.of(
            result(SqlCase.INSERT_SEQ, 49, 1),
            result(SqlCase.INSERT_64, 700, 500),
            result(SqlCase.TX_64, 240, 1),
            result(SqlCase.SELECT_STALE_1, 769, 1),
            result(SqlCase.SELECT_STALE_16, 1, 1),
            result(SqlCase.SELECT_LINEARIZABLE_16, 19_999, 1, gap(101, activity("turn", 9))));
    assertThat(Bounds.of(short_)).hasSize(9).extracting(Bounds.Line::verdict).containsOnly("short");
  }

  @Test
  void whatWasNotRunIsNeitherMetNorShort() {
    assertThat(Bounds.of(new ArrayList<>()))
        .hasSize(9)
        .extracting(Bounds.Line::verdict)
        .containsOnly("not run");
    assertThat(verdict("tx-64", List.of(result(SqlCase.TX_64, 1000, 1)))).isEqualTo("not run");
  }

  @Test
  void aLongGapDuringACheckpointIsExcusedByACollectionOrAForceThatMakesUpForHalfOfIt() {
    assertThat(gapVerdict(gap(101, activity("checkpoint", 300)))).isEqualTo("short");
    assertThat(gapVerdict(gap(100, activity("checkpoint", 300)))).isEqualTo("ok");
    assertThat(gapVerdict(gap(101, activity("checkpoint", 300), activity("force", 20))))
        .isEqualTo("short");
    assertThat(gapVerdict(gap(101, activity("checkpoint", 300), activity("force", 51))))
        .isEqualTo("ok");
    assertThat(gapVerdict(gap(101, activity("snapshot", 300), activity("gc", 60)))).isEqualTo("ok");
    assertThat(gapVerdict(gap(101, activity("standstill", 99)))).isEqualTo("ok");
  }
}
