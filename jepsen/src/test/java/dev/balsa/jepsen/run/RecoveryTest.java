package dev.balsa.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Validity;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryTest {
  private static Finding judge(Recovery recovery, Duration wholeMax) {
    return Healing.judge(List.of(new Recovery("pause", 10, 0), recovery), wholeMax);
  }

  @Test
  void whatIsWholeInTimeIsValid() {
    Finding finding = judge(new Recovery("kill", 5_000, 5), Duration.ofSeconds(5));
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts()).containsEntry("healings", 2);
  }

  @Test
  void whatTakesTooLongIsInvalid() {
    Finding finding = judge(new Recovery("kill", 5_001, 0), Duration.ofSeconds(5));
    assertThat(finding.anomalies()).extracting(Anomaly::type).containsExactly("slow-healing");
  }

  @Test
  void howLongItTakesNeedNotBeJudged() {
    Finding finding = judge(new Recovery("kill", 50_000, 0), Duration.ZERO);
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void electionsAgainAndAgainAreInvalid() {
    Finding finding = judge(new Recovery("kill", 100, 6), Duration.ZERO);
    assertThat(finding.anomalies()).extracting(Anomaly::type).containsExactly("election-storm");
  }
}
