package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class SleepingIoHandlerTest {
  private static final long MILLI_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Asks when it is to wake up, as Netty's handler does. */
  private static final class Asking implements IoHandler {
    long delay;

    @Override
    public int run(IoHandlerContext context) {
      delay = context.delayNanos(0);
      return 0;
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void wakeup() {}

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return true;
    }
  }

  private record Due(long delay) implements IoHandlerContext {
    @Override
    public boolean canBlock() {
      return true;
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      return delay;
    }

    @Override
    public long deadlineNanos() {
      return delay;
    }
  }

  @Property
  void sleepsUntilATaskIsDueAndLessThanAMillisecondMore(
      @ForAll @LongRange(min = Long.MIN_VALUE) long delay) {
    Asking asking = new Asking();
    new SleepingIoHandler(asking).run(new Due(delay));
    if (delay <= 0) {
      assertThat(asking.delay).isEqualTo(delay);
    } else {
      assertThat(asking.delay).isGreaterThanOrEqualTo(delay);
      assertThat(asking.delay - delay).isLessThan(MILLI_NANOS);
      if (delay < Long.MAX_VALUE - MILLI_NANOS) {
        assertThat(asking.delay % MILLI_NANOS).isZero();
      }
    }
  }

  /** It does spin without: hundreds of turns for a tick. */
  @Example
  void aLoopThatOnlyTicksTurnsAFewTimesForEachTick() throws InterruptedException {
    AtomicInteger turns = new AtomicInteger();
    LoopThread loop =
        new LoopThread(
            "ticks",
            (thread, thrown) -> {},
            around -> {
              IoHandler handler = NioIoHandler.newFactory().newHandler(around);
              return new SleepingIoHandler(new Counting(handler, turns));
            });
    try {
      int ticks = 50;
      CountDownLatch left = new CountDownLatch(ticks);
      ScheduledFuture<?> timer =
          loop.scheduleWithFixedDelay(left::countDown, 3, 3, TimeUnit.MILLISECONDS);
      assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
      timer.cancel(false);
      assertThat(turns.get()).isBetween(ticks, 6 * ticks);
    } finally {
      loop.end();
    }
  }

  /** Counts the loop's turns. */
  private record Counting(IoHandler handler, AtomicInteger turns) implements IoHandler {
    @Override
    public int run(IoHandlerContext context) {
      turns.incrementAndGet();
      return handler.run(context);
    }

    @Override
    public void initialize() {
      handler.initialize();
    }

    @Override
    public void prepareToDestroy() {
      handler.prepareToDestroy();
    }

    @Override
    public void destroy() {
      handler.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return handler.register(handle);
    }

    @Override
    public void wakeup() {
      handler.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return handler.isCompatible(handleType);
    }
  }
}
