package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TickerTest {
  private final AtomicLong now = new AtomicLong(1000);
  private final Ticker ticker = new Ticker(now::get, 10, 4);

  @Test
  void ticksAreCountedByTheClockAndNoneIsLostToLateWakeups() {
    now.addAndGet(9);
    assertThat(ticker.ticksDue()).isZero();
    now.addAndGet(16);
    assertThat(ticker.ticksDue()).isEqualTo(2);
    now.addAndGet(5);
    assertThat(ticker.ticksDue()).isEqualTo(1);
    assertThat(ticker.takeLost()).isFalse();
  }

  @Test
  void afterAPauseOnlyAFewTicksRunAndTheRestIsForgotten() {
    now.addAndGet(1_000_000);
    assertThat(ticker.ticksDue()).isEqualTo(4);
    assertThat(ticker.takeLost()).isTrue();
    now.addAndGet(10);
    assertThat(ticker.ticksDue()).isEqualTo(1);
    assertThat(ticker.takeLost()).isFalse();
  }

  @Test
  void aClockThatJumpsBackStopsNothing() {
    now.addAndGet(-500);
    assertThat(ticker.ticksDue()).isZero();
    assertThat(ticker.takeLost()).isTrue();
    now.addAndGet(10);
    assertThat(ticker.ticksDue()).isEqualTo(1);
  }
}
