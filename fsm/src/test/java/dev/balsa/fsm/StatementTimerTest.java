package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class StatementTimerTest {
  private static final Duration LONG = Duration.ofDays(1_000_000);

  private final StatementTimer timer = new StatementTimer("test");

  @AfterEach
  void close() {
    timer.close();
  }

  @Test
  void interruptsAgainAndAgainUntilItIsStopped() throws Exception {
    CountDownLatch thrice = new CountDownLatch(3);
    StatementTimer.Watch watch = timer.watch(thrice::countDown);
    watch.start(Duration.ofMillis(1));
    assertThat(thrice.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(watch.stop()).isTrue();
    watch.start(LONG);
    assertThat(watch.stop()).isFalse();
  }

  @Test
  void theOneThatEndsFirstIsInterruptedFirstThoughItStartedLast() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    StatementTimer.Watch patient = timer.watch(() -> {});
    StatementTimer.Watch hasty = timer.watch(interrupted::countDown);
    patient.start(LONG);
    hasty.start(Duration.ofMillis(1));
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(hasty.stop()).isTrue();
    assertThat(patient.stop()).isFalse();
  }

  @Test
  void oneThatCannotBeInterruptedDoesNotKeepTheOthersFromIt() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    StatementTimer.Watch broken =
        timer.watch(
            () -> {
              throw new IllegalStateException("injected: not to be worried about");
            });
    broken.start(Duration.ofMillis(1));
    StatementTimer.Watch sound = timer.watch(interrupted::countDown);
    sound.start(Duration.ofMillis(1));
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    broken.stop();
    sound.stop();
  }

  /** Several connections run statements whose timeouts come just when they end. */
  @Test
  void nothingIsEverInterruptedAfterItsEnd() throws Exception {
    AtomicInteger late = new AtomicInteger();
    AtomicInteger interrupts = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int[] running = {0}; // as a connection: whose statement runs, without any order of its own
      StatementTimer.Watch watch =
          timer.watch(
              () -> {
                int before = running[0];
                interrupts.incrementAndGet();
                for (int turn = 0; turn < 500; turn++) { // what ends meanwhile must wait
                  Thread.onSpinWait();
                }
                if (before == 0 || running[0] != before) {
                  late.incrementAndGet();
                }
              });
      Thread thread =
          new Thread(
              () -> {
                for (int statement = 1; statement <= 10_000; statement++) {
                  running[0] = statement;
                  long nanos = 1_000L + statement % 50 * 1_000L;
                  long until = System.nanoTime() + nanos;
                  watch.start(Duration.ofNanos(nanos));
                  while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                  }
                  watch.stop();
                  running[0] = 0;
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(interrupts.get()).isPositive();
    assertThat(late.get()).isZero();
  }
}
