package dev.balsa.bench.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.bench.load.LoadReport;
import dev.balsa.bench.sql.SqlReport.Gap;
import dev.balsa.bench.sql.SqlReport.Totals;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SqlReportTest {
  private static SqlReport report(@Nullable String failure) {
    Histogram latencies = LoadReport.newHistogram();
    latencies.recordValueWithCount(1_000_000, 50);
    return new SqlReport(
        2_000_000_000,
        100,
        new Totals(60, 6000, 3, 100, 12_345),
        List.of(new Gap(5000, 200), new Gap(1, 2)),
        latencies,
        failure);
  }

  @Test
  void aReportCrossesFromProcessToProcessUnchanged() {
    assertThat(SqlReport.parse(report(null).toLine())).isEqualTo(report(null));
    SqlReport failed = report("the leader is gone: try another");
    assertThat(SqlReport.parse(failed.toLine())).isEqualTo(failed);
  }

  @Test
  void eachCallCountsForAllOfItsOperations() {
    assertThat(report(null).operationsPerSecond()).isEqualTo(50 * 100 / 2.0);
  }

  @Test
  void gapsAreMovedToAnotherClock() {
    assertThat(report(null).withGapsMoved(-1).gaps())
        .containsExactly(new Gap(4999, 200), new Gap(0, 2));
  }

  @Test
  void anythingElseIsNoReport() {
    assertThatThrownBy(() -> SqlReport.parse("report 1 2 3"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
