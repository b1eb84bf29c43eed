package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.CoverageChecker.Wanted;
import dev.balsa.jepsen.check.Finding.Validity;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CoverageCheckerTest {
  private static final CoverageChecker CHECKER =
      new CoverageChecker(new Wanted(Set.of("read", "write"), Set.of("kill"), 3, 1));

  @Test
  void enoughOfEachKindInAllAndDuringEachFaultIsValid() {
    Finding finding = CHECKER.check(covered().history());
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts())
        .containsEntry(
            "acknowledged",
            Map.of("read", Map.of("all", 3L, "kill", 1L), "write", Map.of("all", 3L, "kill", 1L)))
        .containsEntry("faults", Map.of("kill", 1));
  }

  private static Scenario covered() {
    return new Scenario()
        .done(0, "read", 1L)
        .done(0, "write", 1L)
        .nemesis("start-kill")
        .done(0, "read", 1L)
        .done(0, "write", 1L)
        .nemesis("stop-kill")
        .done(0, "read", 1L)
        .done(0, "write", 1L);
  }

  @Test
  void tooFewInAllIsUnknown() {
    Scenario scenario =
        new Scenario()
            .nemesis("start-kill")
            .done(0, "read", 1L)
            .done(0, "read", 1L)
            .done(0, "read", 1L)
            .done(0, "write", 1L);
    assertMissing(scenario, "only 1 acknowledged operations write in all, instead of 3");
  }

  @Test
  void aFaultThatWasNotThereIsMissed() {
    Scenario scenario = new Scenario();
    for (int i = 0; i < 3; i++) {
      scenario.done(0, "read", 1L).done(0, "write", 1L);
    }
    assertMissing(
        scenario,
        "there was no fault kill",
        "only 0 acknowledged operations read during kill, instead of 1",
        "only 0 acknowledged operations write during kill, instead of 1");
  }

  @Test
  void whatBeginsBeforeAFaultOrEndsAfterItWasNotDuringIt() {
    Scenario scenario =
        covered()
            .invoke(1, "read", 1L)
            .nemesis("start-pause")
            .ok(1, "read", 1L)
            .invoke(1, "read", 1L)
            .nemesis("stop-pause")
            .ok(1, "read", 1L)
            .nemesis("start-pause")
            .done(1, "write", 1L)
            .nemesis("stop-pause");
    // A fault that nobody asked for counts as well.
    assertMissing(scenario, "only 0 acknowledged operations read during pause, instead of 1");
  }

  @Test
  void aFaultLastsFromTheLastStartToTheFirstStop() {
    Scenario scenario =
        covered()
            .nemesis("start-pause")
            .done(0, "read", 1L)
            .done(0, "write", 1L)
            .nemesis("start-pause")
            .done(0, "write", 1L)
            .nemesis("stop-pause")
            .done(0, "read", 1L)
            .nemesis("stop-pause");
    assertMissing(scenario, "only 0 acknowledged operations read during pause, instead of 1");
  }

  @Test
  void whatFailedOrIsUnknownDoesNotCount() {
    Scenario scenario =
        covered()
            .nemesis("start-pause")
            .done(0, "write", 1L)
            .invoke(0, "read", 1L)
            .fail(0, "read", 1L)
            .invoke(0, "read", 1L)
            .info(0, "read", 1L);
    assertMissing(scenario, "only 0 acknowledged operations read during pause, instead of 1");
  }

  @Test
  void severalFaultsAtATimeAreCountedEach() {
    Scenario scenario =
        covered()
            .nemesis("start-pause")
            .nemesis("start-kill")
            .done(0, "write", 1L)
            .done(0, "read", 1L)
            .nemesis("stop-kill");
    Finding finding = CHECKER.check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts()).containsEntry("faults", Map.of("kill", 2, "pause", 1));
  }

  private static void assertMissing(Scenario scenario, String... missing) {
    Finding finding = CHECKER.check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing()).containsExactly(missing);
  }
}
