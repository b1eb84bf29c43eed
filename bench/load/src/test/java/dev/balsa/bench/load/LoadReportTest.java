package dev.balsa.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadReportTest {
  @Test
  void aReportCrossesFromProcessToProcessUnchanged() {
    Histogram latencies = LoadReport.newHistogram();
    for (long value = 1; value < 1_000_000_000L; value *= 3) {
      LoadReport.record(latencies, value);
    }
    LoadReport report = new LoadReport(16, 8_000_000_000L, 12, 345, latencies);
    assertThat(report.toLine()).doesNotContain("\n");
    assertThat(LoadReport.parse(report.toLine())).isEqualTo(report);
  }

  @Test
  void entriesAreCountedForASecond() {
    Histogram latencies = LoadReport.newHistogram();
    latencies.recordValueWithCount(7, 5000);
    LoadReport report = new LoadReport(1, 2_000_000_000L, 0, 0, latencies);
    assertThat(report.entriesPerSecond()).isEqualTo(2500);
  }

  @Test
  void aLatencyOfMoreThanAMinuteOrLessThanNothingIsStillCounted() {
    Histogram latencies = LoadReport.newHistogram();
    LoadReport.record(latencies, TimeUnit.HOURS.toNanos(1));
    LoadReport.record(latencies, -1);
    assertThat(latencies.getTotalCount()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "report 1 2 3", "other 1 2 3 4 AAAA", "report 1 2 3 4 !", "report 1 2 3 4 AA"})
  void anythingElseIsNoReport(String line) {
    assertThatThrownBy(() -> LoadReport.parse(line)).isInstanceOf(IllegalArgumentException.class);
  }
}
