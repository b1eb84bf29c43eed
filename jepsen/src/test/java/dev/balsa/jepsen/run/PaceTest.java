package dev.balsa.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void turnsAreNotCloserThanTheRateSays() throws Exception {
    Pace pace = new Pace(200);
    long started = System.nanoTime();
    for (int i = 0; i < 21; i++) {
      assertThat(pace.await()).isTrue();
    }
    assertThat(System.nanoTime() - started)
        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(99));
  }

  @Test
  void whoWaitsForATurnIsToldThatThereAreNoMore() throws Exception {
    Pace pace = new Pace(1);
    assertThat(pace.await()).isTrue();
    Thread ending = new Thread(pace::end);
    ending.start();
    assertThat(pace.await()).isFalse();
    ending.join();
  }
}
