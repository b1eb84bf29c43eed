package dev.balsa.fsm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one life of a simulated node: actors of the scheduler. When the node dies, whoever
 * waits in its engine gets an error there; then the engine's tasks run on whoever gives them, so
 * that it can be closed, which nobody but its own files may notice.
 */
final class SimThreads implements EngineThreads {
  private static final long SLOW_NANOS = 30_000_000;

  private final SimScheduler scheduler;
  private final String name;
  private final List<Tasks> executors = new ArrayList<>();
  private boolean ended;

  /** It ends in order: who waits is interrupted, or goes on if what it waits for is there. */
  private boolean finishing;

  SimThreads(SimScheduler scheduler, String name) {
    this.scheduler = scheduler;
    this.name = name;
  }

  /** The node that somebody used has died. */
  static final class NodeDied extends Error {
    private static final long serialVersionUID = 1L;

    NodeDied() {
      super("the node died", null, false, false);
    }
  }

  private final class Tasks extends AbstractExecutorService {
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private final boolean slow;
    private final boolean dropped;
    private boolean shutdown;
    private boolean working;
    private @Nullable Thread thread;

    /**
     * An executor.
     *
     * @param slow what it does takes time
     * @param dropped it is interrupted when the node stops in order, and what it has still to do is
     *     not done
     */
    Tasks(boolean slow, boolean dropped) {
      this.slow = slow;
      this.dropped = dropped;
    }

    void run() {
      thread = Thread.currentThread();
      try {
        while (true) {
          boolean unused = scheduler.await(SimThreads.this, () -> !queue.isEmpty(), Long.MAX_VALUE);
          if (slow && scheduler.onceIn(2)) {
            scheduler.sleep(SimThreads.this, scheduler.draw(0L, SLOW_NANOS));
          }
          Runnable next = queue.poll();
          if (next != null) {
            working = true; // until it is done, nobody else does what is queued after it
            try {
              next.run();
            } finally {
              working = false;
            }
          }
        }
      } catch (NodeDied | SimScheduler.Ended e) {
        // So does its thread.
      }
    }

    @Override
    public void execute(Runnable task) {
      if (shutdown) {
        throw new RejectedExecutionException("shut down");
      }
      if (ended && dropped) {
        return;
      }
      queue.add(task);
      if (ended) {
        workOff();
      }
    }

    void workOff() {
      if (working) {
        return;
      }
      working = true;
      for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
        next.run();
      }
      working = false;
    }

    @Override
    public void shutdown() {
      shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutdown = true;
      List<Runnable> left = List.copyOf(queue);
      queue.clear();
      return left;
    }

    @Override
    public boolean isShutdown() {
      return shutdown;
    }

    @Override
    public boolean isTerminated() {
      return shutdown && queue.isEmpty() && !working;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return isTerminated();
    }
  }

  /**
   * Does what the apply thread has to do next, in the midst of what it is doing: as if another
   * thread did.
   */
  void applyMeanwhile() {
    Runnable next = ended ? null : executors.get(0).queue.poll();
    if (next != null) {
      next.run();
    }
  }

  /**
   * The process is gone: so is what its threads had to do. But who forces files is told that this
   * fails: others wait for its end before they close them.
   */
  void kill() {
    ended = true;
    scheduler.killThoseIn(this, NodeDied::new);
    executors.stream().filter(each -> !each.slow).forEach(each -> each.queue.clear());
    executors.forEach(Tasks::workOff);
    executors.forEach(each -> each.queue.clear());
  }

  /** The node stops in order: what is to be done is done, on the calling thread from now on. */
  void finish() {
    ended = true;
    finishing = true;
    executors.stream().filter(each -> each.slow).forEach(Tasks::workOff); // others await its end
    scheduler.killThoseIn(this, NodeDied::new);
    executors.stream().filter(each -> each.dropped).forEach(each -> each.queue.clear());
    boolean worked = true;
    while (worked) {
      worked = executors.stream().anyMatch(each -> !each.queue.isEmpty());
      executors.forEach(Tasks::workOff);
    }
  }

  @Override
  public ExecutorService executor(String threadName) {
    Tasks tasks = new Tasks(threadName.contains("checkpoint"), threadName.contains("turn"));
    executors.add(tasks);
    scheduler.spawn(threadName, tasks::run);
    return tasks;
  }

  @Override
  public long nanoTime() {
    return scheduler.now();
  }

  private boolean park(BooleanSupplier condition, long untilNanos) {
    if (ended) {
      if (condition.getAsBoolean()) {
        return true;
      }
      throw new NodeDied();
    }
    try {
      return (scheduler.onceIn(2) && condition.getAsBoolean())
          || scheduler.await(this, condition, untilNanos);
    } catch (NodeDied e) {
      if (finishing && condition.getAsBoolean()) {
        return true;
      }
      throw e;
    }
  }

  private boolean parkInterruptibly(BooleanSupplier condition, long untilNanos)
      throws InterruptedException {
    try {
      return park(condition, untilNanos);
    } catch (NodeDied e) {
      if (isInterrupted()) {
        throw new InterruptedException();
      }
      throw e;
    }
  }

  private boolean isInterrupted() {
    return finishing
        && executors.stream()
            .anyMatch(each -> each.dropped && Thread.currentThread() == each.thread);
  }

  private long until(long timeoutNanos) {
    return timeoutNanos > Long.MAX_VALUE - scheduler.now()
        ? Long.MAX_VALUE
        : scheduler.now() + timeoutNanos;
  }

  @Override
  public boolean await(Object monitor, BooleanSupplier condition, long untilNanos)
      throws InterruptedException {
    return parkInterruptibly(condition, untilNanos);
  }

  @Override
  public <T> T await(Future<T> future, long timeoutNanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!parkInterruptibly(future::isDone, until(timeoutNanos))) {
      throw new TimeoutException();
    }
    return future.get();
  }

  @Override
  public void pause(long nanos) {
    try {
      boolean unused = park(() -> false, until(nanos));
    } catch (NodeDied e) {
      if (!isInterrupted()) {
        throw e;
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
