package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.RecentStates.State;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentStatesTest {
  private static final int MOST = HealingMessage.STATES_MAX;

  private final RecentStates recent = new RecentStates();

  private static State state(long number) {
    return new State(new EntryId(1 + number / 100_000, number), 7 * number);
  }

  private static void add(RecentStates to, long first, long last, int step) {
    for (long i = first; i <= last; i += step) {
      to.add(state(i).last(), state(i).checksum());
    }
  }

  @Test
  void theLatestAreToldFromTheNewestOn() {
    for (long to = 1; to <= 3_000; to++) {
      add(recent, to, to, 1);
      int whole = (int) Math.min(to, MOST / 2);
      List<State> told = recent.latest(MOST);
      assertThat(told).startsWith(state(to)).hasSizeBetween(whole, MOST);
      assertThat(told.get(whole - 1)).isEqualTo(state(to - whole + 1));
    }
  }

  @Test
  void aReplicaThatLagsFarBehindHasAStateInCommonWithAnother() {
    for (int step : new int[] {1, 2, 7}) {
      RecentStates ahead = new RecentStates();
      add(ahead, 1, 400_000L * step, step);
      for (long lag : List.of(10L, 300L, 2_000L, 6_000L, 20_000L, 100_000L, 300_000L)) {
        RecentStates behind = new RecentStates();
        add(behind, 1, (400_000L - lag) * step, step);
        assertThat(ahead.latest(MOST))
            .as("lag %s, every %s", lag, step)
            .hasSizeLessThanOrEqualTo(MOST)
            .containsAnyElementsOf(behind.latest(MOST));
      }
    }
  }

  @Test
  void aDatabaseInWhichNothingHappensTakesLittle() {
    add(recent, 1, 1, 1);
    assertThat(recent.capacity()).isLessThanOrEqualTo(6);
    add(recent, 2, 5, 1);
    assertThat(recent.capacity()).isLessThanOrEqualTo(12);
    add(recent, 6, 1_000_000, 1);
    assertThat(recent.capacity()).isEqualTo(1_024 + 128 + 128);
  }

  @Test
  void onlyAnotherChecksumAfterTheSameTransactionContradicts() {
    add(recent, 1, 2_000, 1);
    State known = state(1_500);
    assertThat(recent.contradicts(known)).isFalse();
    assertThat(recent.contradicts(new State(known.last(), known.checksum() + 1))).isTrue();
    assertThat(recent.contradicts(new State(state(900).last(), 1))).as("forgotten").isFalse();
    assertThat(recent.contradicts(new State(state(2_001).last(), 1))).as("unknown").isFalse();
  }
}
