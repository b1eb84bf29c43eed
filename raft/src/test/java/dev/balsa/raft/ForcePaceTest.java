package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForcePaceTest {
  private final TestClock clock = new TestClock();
  private final ForcePace pace = new ForcePace(clock);

  @BeforeEach
  void stopTheClock() {
    clock.stop(); // time passes in jumps only
  }

  private void force(long nanos) {
    long begun = clock.nanoTime();
    clock.jump(nanos);
    pace.forced(begun);
  }

  private void forces(int count, long nanos) {
    for (int i = 0; i < count; i++) {
      force(nanos);
    }
  }

  @Test
  void aDiskOfWhichNothingIsKnownIsNotTakenForQuick() {
    assertThat(pace.isQuick()).isFalse();
  }

  @Test
  void aDiskIsQuickAfterSomeQuickForcesAndNoMoreAfterSomeLongerOnes() {
    forces(50, ForcePace.QUICK_NANOS / 10);
    assertThat(pace.isQuick()).isTrue();
    forces(50, 2 * ForcePace.QUICK_NANOS);
    assertThat(pace.isQuick()).isFalse();
  }

  @Test
  void oneSlowForceIsEnoughForAWhile() {
    forces(50, ForcePace.QUICK_NANOS / 10);
    force(ForcePace.SLOW_NANOS);
    forces(100, ForcePace.QUICK_NANOS / 10);
    assertThat(pace.isQuick()).isFalse();
    clock.jump(ForcePace.DISTRUST_NANOS);
    assertThat(pace.isQuick()).isTrue();
  }
}
