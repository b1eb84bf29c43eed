package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class WriterSlotTest {
  private static final long LONG = TimeUnit.SECONDS.toNanos(30);

  private static WriterSlot.Hold take(WriterSlot slot) throws InterruptedException {
    WriterSlot.Hold hold = slot.take(LONG);
    assertThat(hold).isNotNull();
    return java.util.Objects.requireNonNull(hold);
  }

  @Test
  void freeingTwiceFreesOnce() throws Exception {
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM);
    WriterSlot.Hold hold = take(slot);
    hold.release();
    hold.release();
    WriterSlot.Hold next = take(slot);
    assertThat(slot.take(0)).isNull();
    hold.release();
    assertThat(slot.take(0)).isNull();
    next.release();
    assertThat(slot.take(0)).isNotNull();
  }

  @Test
  void whoAsksFirstGetsItFirst() throws Exception {
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM);
    WriterSlot.Hold first = take(slot);
    List<Integer> order = new CopyOnWriteArrayList<>();
    Thread[] threads = new Thread[5];
    for (int i = 0; i < threads.length; i++) {
      int number = i;
      threads[i] =
          new Thread(
              () -> {
                try {
                  WriterSlot.Hold hold = take(slot);
                  order.add(number);
                  hold.release();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      threads[i].start();
      while (slot.waiting() < i + 1) {
        Thread.onSpinWait();
      }
    }
    first.release();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(order).containsExactly(0, 1, 2, 3, 4);
  }
}
