package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
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
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM, "slot");
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
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM, "slot");
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

  /** Takes down what happens to it. */
  private static final class Noted implements WriterSlot.Work {
    private final String name;
    private final List<String> notes;
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile WriterSlot.@Nullable Hold hold;

    Noted(String name, List<String> notes) {
      this.name = name;
      this.notes = notes;
    }

    @Override
    public void run(WriterSlot.Hold granted) {
      hold = granted;
      notes.add(name);
      begun.countDown();
      try {
        mayEnd.await();
      } catch (InterruptedException e) {
        notes.add("interrupted");
      }
    }

    @Override
    public void refuse(Throwable why) {
      notes.add(name + " refused");
    }
  }

  private static void awaitThat(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatIsLeftIsRunInTheOrderOfAskingAmongThoseWhoWait() throws Exception {
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM, "slot");
    List<String> notes = new CopyOnWriteArrayList<>();
    Noted a = new Noted("a", notes);
    Noted b = new Noted("b", notes);
    Noted withdrawn = new Noted("withdrawn", notes);
    Noted d = new Noted("d", notes);
    WriterSlot.Hold first = take(slot);
    assertThat(slot.takeOrLeave(a)).isNull();
    assertThat(slot.takeOrLeave(b)).isNull();
    CountDownLatch release = new CountDownLatch(1);
    Thread waiting =
        new Thread(
            () -> {
              try {
                WriterSlot.Hold hold = take(slot);
                notes.add("c");
                release.await();
                hold.release();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();
    awaitThat(() -> slot.waiting() == 3);
    assertThat(slot.takeOrLeave(withdrawn)).isNull();
    assertThat(slot.takeOrLeave(d)).isNull();
    assertThat(notes).isEmpty();
    first.release();
    awaitThat(() -> notes.size() == 1);
    assertThat(slot.withdraw(a)).isFalse();
    assertThat(slot.withdraw(withdrawn)).isTrue();
    assertThat(slot.take(0)).isNull();
    a.mayEnd.countDown();
    awaitThat(() -> notes.size() == 2);
    b.mayEnd.countDown();
    awaitThat(() -> notes.size() == 3);
    assertThat(slot.waiting()).isEqualTo(1);
    release.countDown();
    d.begun.await();
    d.mayEnd.countDown();
    waiting.join();
    take(slot).release(); // once it is free
    assertThat(notes).containsExactly("a", "b", "c", "d");
    slot.close();
  }

  /** The view was discarded under it: the slot is the next one's already. */
  @Test
  void whoHasLostTheSlotRunsNothingMore() throws Exception {
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM, "slot");
    List<String> notes = new CopyOnWriteArrayList<>();
    Noted a = new Noted("a", notes);
    WriterSlot.Hold first = take(slot);
    assertThat(slot.takeOrLeave(a)).isNull();
    first.release();
    a.begun.await();
    Objects.requireNonNull(a.hold).release();
    WriterSlot.Hold next = take(slot);
    Noted b = new Noted("b", notes);
    assertThat(slot.takeOrLeave(b)).isNull();
    a.mayEnd.countDown();
    Noted c = new Noted("c", notes);
    assertThat(slot.takeOrLeave(c)).isNull();
    assertThat(notes).containsExactly("a");
    next.release();
    b.begun.await();
    b.mayEnd.countDown();
    c.begun.await();
    c.mayEnd.countDown();
    take(slot).release();
    assertThat(notes).containsExactly("a", "b", "c");
    slot.close();
  }

  @Test
  void whatIsLeftToAClosedSlotIsRefusedAndWhoeverWaitsBehindItGoesOn() throws Exception {
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM, "slot");
    List<String> notes = new CopyOnWriteArrayList<>();
    WriterSlot.Hold first = take(slot);
    assertThat(slot.takeOrLeave(new Noted("a", notes))).isNull();
    assertThat(slot.takeOrLeave(new Noted("b", notes))).isNull();
    slot.close();
    assertThat(notes).isEmpty();
    first.release();
    assertThat(notes).containsExactly("a refused", "b refused");
    take(slot).release();
  }

  /** As where the process may have no more threads. */
  @Test
  void whatCannotBeRunForWantOfAThreadIsRefusedAndTheSlotIsFreeAgain() throws Exception {
    ExecutorService none =
        new ThreadPoolExecutor(
            0,
            1,
            0,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    WriterSlot slot =
        new WriterSlot(
            new SystemThreads() {
              @Override
              public ExecutorService executor(String name) {
                return none;
              }
            },
            "slot");
    List<String> notes = new CopyOnWriteArrayList<>();
    WriterSlot.Hold first = take(slot);
    assertThat(slot.takeOrLeave(new Noted("a", notes))).isNull();
    assertThat(slot.takeOrLeave(new Noted("b", notes))).isNull();
    first.release();
    assertThat(notes).containsExactly("a refused", "b refused");
    take(slot).release();
  }

  @Test
  void workThatThrowsAllTheSameDoesNotKeepTheSlot() throws Exception {
    WriterSlot slot = new WriterSlot(EngineThreads.SYSTEM, "slot");
    WriterSlot.Hold first = take(slot);
    WriterSlot.Work throwing =
        new WriterSlot.Work() {
          @Override
          public void run(WriterSlot.Hold hold) {
            throw new IllegalStateException("injected");
          }

          @Override
          public void refuse(Throwable why) {}
        };
    assertThat(slot.takeOrLeave(throwing)).isNull();
    first.release();
    take(slot).release();
    slot.close();
  }
}
