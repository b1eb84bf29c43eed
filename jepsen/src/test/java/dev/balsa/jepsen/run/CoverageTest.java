package dev.balsa.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.check.Scenario;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CoverageTest {
  private static Finding judge(Scenario scenario, int all, int during, String... faults) {
    return new Coverage(new Coverage.Wanted(all, during), Set.of("read", "write"), List.of(faults))
        .check(scenario.history());
  }

  private static Scenario covered() {
    return new Scenario()
        .done(0, "read", 1L)
        .nemesis("start-kill")
        .done(0, "read", 1L)
        .done(0, "write", 1L)
        .nemesis("stop-kill")
        .done(0, "write", 1L);
  }

  @Test
  void enoughInAllAndDuringEachFaultIsValid() {
    Finding finding = judge(covered(), 4, 2, "kill");
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts())
        .containsEntry("acknowledged", Map.of("all", 4L, "read", 2L, "write", 2L))
        .containsEntry("during kill", Map.of("all", 2L, "read", 1L, "write", 1L))
        .containsEntry("faults", Map.of("kill", 1));
  }

  @Test
  void tooFewInAllIsUnknown() {
    assertMissing(
        judge(covered(), 5, 0, "kill"), "only 4 of 5 operations were acknowledged in all");
  }

  @Test
  void tooFewDuringAFaultIsUnknown() {
    assertMissing(
        judge(covered(), 1, 3, "kill"), "only 2 of 3 operations were acknowledged during kill");
  }

  @Test
  void aKindThatIsMissingIsUnknown() {
    Scenario scenario = new Scenario().nemesis("start-kill");
    for (int i = 0; i < 50; i++) {
      scenario.done(0, "read", 1L);
    }
    assertMissing(
        judge(scenario, 50, 50, "kill"),
        "only 0 of 1 operations write were acknowledged in all",
        "only 0 of 1 operations write were acknowledged during kill");
  }

  @Test
  void eachKindNeedsAFiftieth() {
    Scenario scenario = new Scenario();
    for (int i = 0; i < 200; i++) {
      scenario.done(0, "read", 1L);
    }
    scenario.done(0, "write", 1L);
    assertThat(judge(scenario, 99, 0).validity()).isEqualTo(Validity.VALID);
    assertMissing(judge(scenario, 100, 0), "only 1 of 2 operations write were acknowledged in all");
  }

  @Test
  void aFaultThatWasNotThereIsMissed() {
    assertMissing(judge(covered(), 1, 0, "kill", "pause"), "there was no pause");
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
            .ok(1, "read", 1L);
    assertMissing(
        judge(scenario, 1, 1, "pause"), "only 0 of 1 operations were acknowledged during pause");
  }

  @Test
  void aFaultLastsFromTheLastStartToTheFirstStop() {
    Scenario scenario =
        covered()
            .nemesis("start-pause")
            .done(0, "read", 1L)
            .nemesis("start-pause")
            .done(0, "write", 1L)
            .nemesis("stop-pause")
            .done(0, "read", 1L)
            .nemesis("stop-pause");
    assertMissing(
        judge(scenario, 1, 2, "pause"), "only 1 of 2 operations were acknowledged during pause");
  }

  @Test
  void whatFailedOrIsUnknownDoesNotCount() {
    Scenario scenario =
        covered()
            .nemesis("start-pause")
            .invoke(0, "read", 1L)
            .fail(0, "read", 1L)
            .invoke(0, "read", 1L)
            .info(0, "read", 1L);
    assertMissing(
        judge(scenario, 1, 1, "pause"), "only 0 of 1 operations were acknowledged during pause");
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
    Finding finding = judge(scenario, 1, 2, "kill", "pause");
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts()).containsEntry("faults", Map.of("kill", 2, "pause", 1));
  }

  private static void assertMissing(Finding finding, String... missing) {
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing()).containsExactly(missing);
  }
}
