package dev.balsa.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one event loop. Netty itself would log what a task throws and forget it; here it goes to the
 * handler.
 */
final class LoopThread extends SingleThreadIoEventLoop {
  /** Remembers the thread that it made, so that its end can be awaited. */
  private static final class Factory implements ThreadFactory {
    private final String name;
    private volatile @Nullable Thread thread;

    Factory(String name) {
      this.name = name;
    }

    @Override
    public Thread newThread(Runnable work) {
      Thread made = new FastThreadLocalThread(work, name);
      // An application that forgets to close its node can still end.
      made.setDaemon(true);
      thread = made;
      return made;
    }
  }

  private final Factory factory;
  private final Thread.UncaughtExceptionHandler uncaught;

  LoopThread(String name, Thread.UncaughtExceptionHandler uncaught) {
    this(name, uncaught, SleepingIoHandler.around(NioIoHandler.newFactory()));
  }

  LoopThread(
      String name, Thread.UncaughtExceptionHandler uncaught, IoHandlerFactory handlerFactory) {
    this(new Factory(name), uncaught, handlerFactory);
  }

  private LoopThread(
      Factory factory, Thread.UncaughtExceptionHandler uncaught, IoHandlerFactory handlerFactory) {
    super(null, factory, handlerFactory);
    this.factory = factory;
    this.uncaught = uncaught;
  }

  @Override
  public void execute(Runnable task) {
    super.execute(
        () -> {
          try {
            task.run();
          } catch (Throwable thrown) {
            report(thrown);
          }
        });
  }

  /** Hands a defect to the handler. The loop goes on, whatever the handler does. */
  void report(Throwable thrown) {
    try {
      uncaught.uncaughtException(Thread.currentThread(), thrown);
    } catch (Throwable again) {
      thrown.addSuppressed(again);
      Thread thread = Thread.currentThread();
      thread.getThreadGroup().uncaughtException(thread, thrown);
    }
  }

  /** Ends the loop and waits until its thread is gone. Not to be called on the loop. */
  void end() {
    LocalNode.unawaited(shutdownGracefully(0, 1, TimeUnit.SECONDS));
    boolean interrupted = false;
    while (true) {
      try {
        awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        Thread thread = factory.thread;
        if (thread != null) {
          thread.join();
        }
        break;
      } catch (InterruptedException stillWaiting) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
