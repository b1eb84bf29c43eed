package dev.balsa.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import java.util.concurrent.TimeUnit;

/**
 * Lets the loop sleep until a task is due. Java's selectors know milliseconds alone, so for the
 * last half of one before a scheduled task Netty's own handler spins; with a tick every 20 ms that
 * takes some 2% of a processor for a node that has nothing to do. Here a task may come up to a
 * millisecond late instead.
 */
final class SleepingIoHandler implements IoHandler {
  private static final long MILLI_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** The loop's view of its tasks, with delays in whole milliseconds. */
  private static final class Rounded implements IoHandlerContext {
    private final IoHandlerContext loop;

    Rounded(IoHandlerContext loop) {
      this.loop = loop;
    }

    @Override
    public boolean canBlock() {
      return loop.canBlock();
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      long delay = loop.delayNanos(currentTimeNanos);
      boolean whole = delay <= 0 || delay > Long.MAX_VALUE - MILLI_NANOS;
      return whole ? delay : (delay + MILLI_NANOS - 1) / MILLI_NANOS * MILLI_NANOS;
    }

    @Override
    public long deadlineNanos() {
      return loop.deadlineNanos();
    }

    @Override
    public void reportActiveIoTime(long activeNanos) {
      loop.reportActiveIoTime(activeNanos);
    }

    @Override
    public boolean shouldReportActiveIoTime() {
      return loop.shouldReportActiveIoTime();
    }
  }

  private final IoHandler handler;

  SleepingIoHandler(IoHandler handler) {
    this.handler = handler;
  }

  /** Around what that factory makes. */
  static IoHandlerFactory around(IoHandlerFactory factory) {
    return loop -> new SleepingIoHandler(factory.newHandler(loop));
  }

  @Override
  public int run(IoHandlerContext context) {
    return handler.run(new Rounded(context));
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
