package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.check.Finding.Validity;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SetCheckerTest {
  private static final SetChecker LINEARIZABLE = SetChecker.ofLinearizableReads();
  private static final SetChecker STALE = SetChecker.ofStaleReads();

  @Test
  void aSetThatHasAllThatWasAcknowledgedIsValid() {
    Scenario scenario =
        new Scenario()
            .done(0, "add", 1L)
            .invoke(0, "add", 2L)
            .fail(0, "add", 2L)
            .invoke(0, "add", 3L)
            .info(0, "add", 3L)
            .invoke(5, "add", 4L)
            .info(5, "add", 4L)
            .done(1, "read", Set.of(1L, 3L));
    for (SetChecker checker : new SetChecker[] {LINEARIZABLE, STALE}) {
      Finding finding = checker.check(scenario.history());
      assertThat(finding.validity()).isEqualTo(Validity.VALID);
      assertThat(finding.facts())
          .containsEntry("acknowledged", 1L)
          .containsEntry("failed", 1L)
          .containsEntry("indeterminate", 2L)
          .containsEntry("indeterminate-read", 1L)
          .containsEntry("never-read", 0L);
    }
  }

  @Test
  void whatWasAcknowledgedAndIsMissingAtTheEndIsLost() {
    Scenario scenario =
        new Scenario()
            .done(0, "add", 1L)
            .done(1, "read", Set.of(1L))
            .done(0, "add", 2L)
            .done(1, "read", Set.of(1L));
    assertAnomaly(LINEARIZABLE, "lost", scenario, 5, 7);
    assertAnomaly(STALE, "lost", scenario, 5, 7);
  }

  @Test
  void whatWasReadOnceAndIsMissingAtTheEndIsLost() {
    Scenario scenario =
        new Scenario()
            .invoke(0, "add", 1L)
            .info(0, "add", 1L)
            .done(1, "read", Set.of(1L))
            .done(1, "read", Set.of());
    assertAnomaly(LINEARIZABLE, "lost", scenario, 3, 5);
  }

  @Test
  void whatIsMissingInBetweenIsStaleIfReadsAreLinearizable() {
    Scenario scenario =
        new Scenario().done(0, "add", 1L).done(1, "read", Set.of()).done(1, "read", Set.of(1L));
    assertAnomaly(LINEARIZABLE, "stale", scenario, 1, 3);
    assertThat(STALE.check(scenario.history()).validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void aReadThatSawWhatWasAddedLaterIsStaleWithoutWhatWasAcknowledgedBefore() {
    Scenario scenario =
        new Scenario()
            .invoke(5, "read", null)
            .done(0, "add", 1L)
            .done(0, "add", 2L)
            .ok(5, "read", Set.of(2L))
            .done(1, "read", Set.of(1L, 2L));
    assertAnomaly(LINEARIZABLE, "stale", scenario, 2, 5);
  }

  @Test
  void whatNobodyAddedIsAPhantom() {
    assertAnomaly(LINEARIZABLE, "phantom", new Scenario().done(1, "read", Set.of(7L)), 1);
  }

  @Test
  void whatFailedIsAPhantom() {
    Scenario scenario =
        new Scenario().invoke(0, "add", 7L).fail(0, "add", 7L).done(1, "read", Set.of(7L));
    assertAnomaly(LINEARIZABLE, "phantom", scenario, 3);
    assertAnomaly(STALE, "phantom", scenario, 3);
  }

  @Test
  void whatIsAddedLaterIsAPhantom() {
    Scenario scenario =
        new Scenario().done(1, "read", Set.of(7L)).done(0, "add", 7L).done(1, "read", Set.of(7L));
    assertAnomaly(LINEARIZABLE, "phantom", scenario, 1);
  }

  @Test
  void readsThatEachHaveWhatTheOtherLacksAreALongFork() {
    Scenario scenario =
        new Scenario()
            .invoke(0, "add", 1L)
            .invoke(1, "add", 2L)
            .invoke(2, "read", null)
            .invoke(3, "read", null)
            .ok(2, "read", Set.of(1L))
            .ok(3, "read", Set.of(2L))
            .ok(0, "add", 1L)
            .ok(1, "add", 2L)
            .done(2, "read", Set.of(1L, 2L));
    assertAnomaly(LINEARIZABLE, "long-fork", scenario, 4, 5);
    assertThat(STALE.check(scenario.history()).validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void withoutAReadAtTheEndItIsUnknown() {
    Scenario scenario = new Scenario().done(1, "read", Set.of()).done(0, "add", 1L);
    Finding finding = LINEARIZABLE.check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing())
        .singleElement()
        .asString()
        .contains("1 acknowledged elements were");
    assertThat(finding.facts()).containsEntry("never-read", 1L);
    assertThat(LINEARIZABLE.check(new Scenario().done(0, "add", 1L).history()).missing())
        .containsExactly("no read was acknowledged");
  }

  @Test
  void whatIsNotOfASetIsRefused() {
    assertThatThrownBy(() -> STALE.check(new Scenario().done(0, "cas", 1L).history()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("event 0 is neither");
    assertThatThrownBy(() -> STALE.check(new Scenario().done(0, "read", 1L).history()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("event 1 is not a set");
  }

  private static void assertAnomaly(
      SetChecker checker, String type, Scenario scenario, Integer... events) {
    Finding finding = checker.check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.INVALID);
    assertThat(finding.anomalies()).extracting(Finding.Anomaly::type).containsExactly(type);
    assertThat(finding.anomalies().get(0).ops()).containsExactly(events);
  }
}
