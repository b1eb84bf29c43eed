package dev.balsa.raft;

import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.HardState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * The one thread that writes the log. It takes all writes that are queued, appends each and forces
 * them together: while one force runs, the next batch gathers (group commit).
 *
 * <p>The thread is never interrupted: an interrupt closes a file channel that is in use.
 */
final class LogWriter {
  private static final AppendToLog STOP =
      new AppendToLog(Long.MAX_VALUE, HardState.INITIAL, List.of(), List.of());

  private final LinkedBlockingQueue<AppendToLog> queue = new LinkedBlockingQueue<>();
  private final LogStore log;
  private final Consumer<List<AppendToLog>> durable;
  private final Consumer<Throwable> failed;
  private final Thread thread;
  private volatile long sizeBytes;
  private volatile boolean stopping;

  /**
   * Prepares the thread.
   *
   * @param durable told, on the log thread, of each batch that has become durable
   * @param failed told, on the log thread, why it has ended; no more is written then
   */
  LogWriter(
      long nodeId, LogStore log, Consumer<List<AppendToLog>> durable, Consumer<Throwable> failed) {
    this.log = log;
    this.durable = durable;
    this.failed = failed;
    this.sizeBytes = log.sizeBytes();
    thread = new Thread(this::run, "balsa-log-" + nodeId);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void add(AppendToLog write) {
    queue.add(write);
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** Lets the thread end after the batch that it is writing; what is queued behind is dropped. */
  void stop() {
    stopping = true;
    queue.add(STOP);
  }

  /** Waits until the thread has ended; then nobody touches the log any more. */
  void join() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        List<AppendToLog> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch);
        if (stopping) {
          return;
        }
        for (AppendToLog write : batch) {
          log.append(write.hardState(), write.entries());
        }
        log.force();
        sizeBytes = log.sizeBytes();
        durable.accept(batch);
      }
    } catch (Throwable t) {
      failed.accept(t);
    }
  }
}
