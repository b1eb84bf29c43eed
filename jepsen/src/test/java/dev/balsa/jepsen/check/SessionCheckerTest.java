package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.Keyword;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionCheckerTest {
  private static final SessionChecker SETS = new SessionChecker(Sightings.ofSets(), op -> true);
  private static final SessionChecker LISTS = new SessionChecker(Sightings.ofLists(), op -> true);

  @Test
  void aProcessThatSeesWhatItAddedAndReadIsValid() {
    Scenario scenario =
        new Scenario()
            .done(0, "add", 1L)
            .done(0, "read", Set.of(1L, 2L))
            .done(0, "read", Set.of(1L, 2L, 3L));
    Finding finding = SETS.check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts())
        .containsEntry("reads-with-bookmark", 2L)
        .containsEntry("reads-that-could-tell", 2L);
  }

  @Test
  void aReadWithoutWhatTheProcessAddedIsFound() {
    Scenario scenario = new Scenario().done(0, "add", 1L).done(0, "read", Set.of(2L));
    assertAnomaly(SETS.check(scenario.history()), "read-your-writes", 1, 3);
  }

  @Test
  void aReadThatGoesBackIsFound() {
    Scenario scenario =
        new Scenario().done(0, "read", Set.of(1L, 2L)).done(0, "read", Set.of(1L, 3L));
    assertAnomaly(SETS.check(scenario.history()), "non-monotonic-read", 1, 3);
  }

  @Test
  void anotherProcessNeedNotSeeIt() {
    Scenario scenario =
        new Scenario().done(0, "add", 1L).done(0, "read", Set.of(1L)).done(1, "read", Set.of());
    assertThat(SETS.check(scenario.history()).validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void whatWasNotAcknowledgedNeedNotBeSeen() {
    Scenario scenario =
        new Scenario()
            .done(0, "add", 1L)
            .invoke(0, "add", 2L)
            .fail(0, "add", 2L)
            .done(0, "read", Set.of(1L));
    assertThat(SETS.check(scenario.history()).validity()).isEqualTo(Validity.VALID);
  }

  @Test
  void aReadWithoutABookmarkMayGoBackButWhatItSawIsKept() {
    // Calls with an argument carry a bookmark here.
    SessionChecker checker = new SessionChecker(Sightings.ofSets(), op -> op.value() != null);
    Scenario scenario =
        new Scenario()
            .done(0, "add", 1L)
            .invoke(0, "read", null)
            .ok(0, "read", Set.of(2L))
            .invoke(0, "read", "bookmark")
            .ok(0, "read", Set.of(1L));
    assertAnomaly(checker.check(scenario.history()), "non-monotonic-read", 3, 5);
  }

  @Test
  void listsAreCheckedByKeyAndWithinATransaction() {
    Scenario good =
        new Scenario()
            .done(0, "txn", List.of(append(1, 10), read(1, 10L), read(2, (Long[]) null)))
            .done(0, "txn", List.of(read(1, 10L, 11L)));
    assertThat(LISTS.check(good.history()).validity()).isEqualTo(Validity.VALID);
    assertAnomaly(
        LISTS.check(good.done(0, "txn", List.of(read(1, 10L))).history()),
        "non-monotonic-read",
        3,
        5);
    Scenario own =
        new Scenario().done(0, "txn", List.of(append(1, 10), append(2, 20), read(2, 10L)));
    assertAnomaly(LISTS.check(own.history()), "read-your-writes", 1);
  }

  @Test
  void aHistoryThatCouldShowNothingIsUnknown() {
    Scenario scenario = new Scenario().done(0, "read", Set.of(1L)).done(1, "add", 2L);
    Finding finding = SETS.check(scenario.history());
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing()).containsExactly("no read with a bookmark followed on anything");
  }

  @Test
  void whatIsOfAnotherKindIsRefused() {
    assertThatThrownBy(() -> SETS.check(new Scenario().done(0, "write", 1L).history()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> LISTS.check(new Scenario().done(0, "txn", List.of(List.of(1L))).history()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Object> append(long key, long value) {
    return List.of(new Keyword("append"), key, value);
  }

  private static List<@Nullable Object> read(long key, Long @Nullable ... values) {
    return Arrays.asList(new Keyword("r"), key, values == null ? null : List.of(values));
  }

  private static void assertAnomaly(Finding finding, String type, Integer... events) {
    assertThat(finding.validity()).isEqualTo(Validity.INVALID);
    assertThat(finding.anomalies()).extracting(Finding.Anomaly::type).containsExactly(type);
    assertThat(finding.anomalies().get(0).ops()).containsExactly(events);
  }
}
