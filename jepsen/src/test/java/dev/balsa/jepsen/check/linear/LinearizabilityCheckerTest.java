package dev.balsa.jepsen.check.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.Scenario;
import dev.balsa.jepsen.history.History;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {
  @Test
  void aRegisterIsZeroAtFirst() {
    assertValid(new Scenario().done(0, "read", of(1L, 0L)));
    assertNot(new Scenario().done(0, "read", of(1L, 7L)), 1);
    assertNot(new Scenario().done(0, "read", of(1L, null)), 1);
  }

  @Test
  void aReadThatOverlapsAWriteSeesEitherValue() {
    for (long seen : new long[] {0, 5}) {
      assertValid(
          new Scenario()
              .invoke(0, "write", of(1L, 5L))
              .done(1, "read", of(1L, seen))
              .ok(0, "write", of(1L, 5L)));
    }
  }

  @Test
  void aReadThatIsCalledAfterAWriteReturnedSeesIt() {
    assertNot(new Scenario().done(0, "write", of(1L, 5L)).done(1, "read", of(1L, 0L)), 3, 1);
  }

  @Test
  void twoReadsDoNotSeeAWriteAndThenNoLonger() {
    assertNot(
        new Scenario()
            .invoke(0, "write", of(1L, 5L))
            .done(1, "read", of(1L, 5L))
            .done(2, "read", of(1L, 0L))
            .ok(0, "write", of(1L, 5L)),
        4,
        5,
        2);
  }

  @Test
  void keysAreIndependent() {
    Scenario scenario =
        new Scenario()
            .done(0, "write", of(1L, 5L))
            .done(0, "read", of(2L, 0L))
            .done(0, "read", of(3L, 1L))
            .done(0, "read", of(1L, 5L));
    Finding finding = check(scenario.history());
    assertThat(finding.anomalies()).hasSize(1);
    assertThat(finding.anomalies().get(0).explanation()).startsWith("key 3 ");
    assertThat(finding.facts()).containsEntry("keys", 3).containsEntry("nonlinearizable-keys", 1);
  }

  @Test
  void aCompareAndSetThatSucceededFoundTheOldValue() {
    assertValid(
        new Scenario()
            .done(0, "write", of(1L, 5L))
            .done(0, "cas", of(1L, List.of(5L, 6L)))
            .done(0, "read", of(1L, 6L)));
    assertNot(
        new Scenario()
            .done(0, "write", of(1L, 5L))
            .done(0, "cas", of(1L, List.of(4L, 6L)))
            .done(0, "read", of(1L, 6L)),
        3,
        1);
  }

  @Test
  void whatFailedHasNotHappened() {
    assertNot(
        new Scenario()
            .invoke(0, "write", of(1L, 5L))
            .fail(0, "write", of(1L, 5L))
            .done(1, "read", of(1L, 5L)),
        3);
  }

  @Test
  void aWriteOfUnknownOutcomeTakesEffectAtAnyLaterTimeOrNever() {
    for (long[] seen : new long[][] {{0, 0, 0}, {0, 0, 5}, {0, 5, 5}, {5, 5, 5}}) {
      assertValid(unknownWriteOf5AndReads(seen));
    }
    // Once only, and what was there before does not come back.
    assertNot(unknownWriteOf5AndReads(5, 0, 5), 5, 3);
  }

  private static Scenario unknownWriteOf5AndReads(long... seen) {
    Scenario scenario = new Scenario().invoke(0, "write", of(1L, 5L)).info(0, "write", of(1L, 5L));
    Arrays.stream(seen).forEach(value -> scenario.done(1, "read", of(1L, value)));
    return scenario;
  }

  @Test
  void aWriteOfUnknownOutcomeDoesNotTakeEffectBeforeItIsCalled() {
    assertNot(
        new Scenario()
            .done(1, "read", of(1L, 5L))
            .invoke(0, "write", of(1L, 5L))
            .info(0, "write", of(1L, 5L)),
        1);
  }

  @Test
  void aCallThatNeverReturnedIsOfUnknownOutcome() {
    assertValid(new Scenario().invoke(0, "write", of(1L, 5L)).done(1, "read", of(1L, 5L)));
    assertValid(new Scenario().invoke(0, "read", of(1L, null)).done(1, "read", of(1L, 0L)));
  }

  @Test
  void theExplanationTellsHowFarItGoesAndWhatCannotGoOn() {
    Scenario scenario =
        new Scenario()
            .done(0, "write", of(1L, 1L))
            .done(0, "read", of(1L, 1L))
            .invoke(3, "write", of(1L, 9L))
            .invoke(1, "write", of(1L, 2L))
            .ok(1, "write", of(1L, 2L))
            .done(2, "read", of(1L, 1L));
    Anomaly anomaly = check(scenario.history()).anomalies().get(0);
    assertThat(anomaly.explanation())
        .isEqualTo(
            """
            key 1 is linearizable until event 7, but not with [7, 8] process 2 read 1
            these operations alone cannot be put into an order:
              [0, 1] process 0 write 1
              [5, 6] process 1 write 2
              [7, 8] process 2 read 1
            an order until event 7 ends with:
              [0, 1] process 0 write 1
              [2, 3] process 0 read 1
              [5, 6] process 1 write 2
            states in which such orders can end: 2, 9
            open then, or of unknown outcome: 1
              [4, ?] process 3 write 9\
            """);
    assertThat(anomaly.ops()).containsExactly(8, 1, 6, 3);
  }

  @Test
  void whatTheLimitsDoNotAllowToDecideIsUnknown() {
    SplittableRandom random = new SplittableRandom(5);
    History history = RandomHistory.of(new RandomHistory.Shape(100, 5, 1, 5, 0, 0), random);
    Duration second = Duration.ofSeconds(1);
    assertUnknown(history, new Limits(second, second, 10, 1 << 20), "gave up after 10 configur");
    assertUnknown(history, new Limits(second, second, 10_000, 1), "gave up with 0 MiB");
    assertUnknown(history, new Limits(second, Duration.ZERO, 10, 1), "was not reached within 0 s");
    assertThat(check(history).validity()).isEqualTo(Validity.VALID);
  }

  private static void assertUnknown(History history, Limits limits, String reason) {
    Finding finding = LinearizabilityChecker.ofRegisters(limits).check(history);
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing()).singleElement().asString().contains(reason);
  }

  @Test
  void aHistoryWithoutReadsIsUnknown() {
    Finding finding = check(new Scenario().done(0, "write", of(1L, 5L)).history());
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing()).singleElement().asString().startsWith("no read was acknowledged");
  }

  @Test
  void whatIsNotOfARegisterIsRefused() {
    assertThatThrownBy(() -> check(new Scenario().done(0, "read", 5L).history()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("event 1 has the value 5 instead of [key value]");
    assertThatThrownBy(() -> check(new Scenario().done(0, "cas", of(1L, 2L)).history()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a cas of 2 instead of [old new]");
    assertThatThrownBy(() -> check(new Scenario().done(0, "txn", of(1L, 2L)).history()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a register has no operation txn");
  }

  private static List<@Nullable Object> of(Object key, @Nullable Object value) {
    return Arrays.asList(key, value);
  }

  private static Finding check(History history) {
    return LinearizabilityChecker.ofRegisters(Limits.DEFAULT).check(history);
  }

  private static void assertValid(Scenario scenario) {
    assertThat(check(scenario.history()).validity()).isEqualTo(Validity.VALID);
  }

  /** The events are those of the stuck operation and of the others of the core. */
  private static void assertNot(Scenario scenario, Integer... events) {
    Finding finding = check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.INVALID);
    Anomaly anomaly = finding.anomalies().get(0);
    assertThat(anomaly.type()).isEqualTo("nonlinearizable");
    assertThat(anomaly.ops()).contains(events);
    assertThat(anomaly.ops().get(0)).isEqualTo(events[0]);
  }
}
