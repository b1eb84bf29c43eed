package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderSpanTest {
  @Test
  void equalSamplesAreOneTimeAndNobodyIsNone() {
    List<LeaderSample> samples =
        List.of(
            new LeaderSample(1, 2, 5),
            new LeaderSample(4, 2, 5),
            new LeaderSample(8, 2, 6),
            new LeaderSample(9, 0, 6),
            new LeaderSample(12, 3, 7));
    assertThat(LeaderSpan.of(samples, 20))
        .containsExactly(
            new LeaderSpan(1, 8, 2, 5), new LeaderSpan(8, 9, 2, 6), new LeaderSpan(12, 20, 3, 7));
  }
}
