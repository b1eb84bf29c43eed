package dev.balsa.raft;

import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes the log. It takes all writes that are queued, appends each and forces
 * them together: while one force runs, the next batch gathers (group commit).
 *
 * <p><b>Without room</b> on the disk it keeps what is queued, in order, tells so once, and tries
 * again when the log was compacted and every {@value #RETRY_MILLIS} ms. Compaction overtakes the
 * writes that wait: what it discards is older than any of them. Nothing is acknowledged meanwhile.
 * What waits stays bounded: entries by the core's windows (a leader's uncommitted bytes, a
 * follower's share of its leader's in-flight bytes), and writes without entries, of which every
 * repeated request makes one, become part of the write before them.
 *
 * <p>The thread is never interrupted: an interrupt closes a file channel that is in use.
 */
final class LogWriter {
  private static final long RETRY_MILLIS = 250;

  /** More than that is copied, checksummed and written better while the loop does other things. */
  static final int INLINE_BYTES_MAX = 128 << 10;

  /** What is told of the writes, on the log thread. */
  interface Listener {
    /** These are durable, and all before them. */
    void durable(List<AppendToLog> batch);

    /** The log begins after a snapshot now, durably. */
    void installed(InstallSnapshot snapshot);

    /** There is no room for what is to be written, or there is again. */
    void storageFull(@Nullable LogFullException why);

    /** The thread has ended; no more is written. */
    void failed(Throwable cause);
  }

  private sealed interface Task {
    record Append(AppendToLog write) implements Task {}

    /** Waits for the state machine to have installed it. */
    record Install(InstallSnapshot write, CompletableFuture<@Nullable Void> machine)
        implements Task {}

    record Compact(SnapshotMark mark) implements Task {}

    record KeepClusterId(UUID id) implements Task {}

    record Stop() implements Task {}
  }

  private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
  private final ArrayDeque<Task> pending = new ArrayDeque<>();
  private final List<AppendToLog> appended = new ArrayList<>();
  private final LogStore log;
  private final Clock clock;
  private final ForcePace pace;

  /** Tasks that were queued: known to the loop alone. */
  private long queued;

  /** Tasks that are done: as long as these are all that were queued, the thread is idle. */
  private final AtomicLong done = new AtomicLong();

  private final KeptClusterId clusterId;
  private final Listener listener;
  private final Thread thread;
  private boolean full;
  private volatile long sizeBytes;
  private volatile boolean stopping;

  LogWriter(long nodeId, LogStore log, KeptClusterId clusterId, Clock clock, Listener listener) {
    this.log = log;
    this.clusterId = clusterId;
    this.clock = clock;
    this.pace = new ForcePace(clock);
    this.listener = listener;
    this.sizeBytes = log.sizeBytes();
    thread = new Thread(this::run, "balsa-log-" + nodeId);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void add(AppendToLog write) {
    put(new Task.Append(write));
  }

  /**
   * Writes and forces here and now, on the calling thread, where the log thread is idle, the disk
   * so quick that this takes no longer than to wake that thread and be woken by it, the batch
   * small, and a file for it at hand. Else as {@link #add}. Called on the loop.
   *
   * @param writes in order, not empty; all in one force
   */
  void addOrWrite(List<AppendToLog> writes) {
    if (!isIdle() || !pace.isQuick() || stopping || !isSmall(writes)) {
      writes.forEach(this::add);
      return;
    }
    int done = 0;
    try {
      for (AppendToLog write : writes) {
        if (!log.isPreparedFor(write.entries())) {
          break;
        }
        log.append(write.hardState(), write.entries());
        done++;
      }
    } catch (LogFullException noRoom) {
      // Nothing was written of the one that it was about; the thread knows how to wait for room.
    }
    if (done > 0) {
      timedForce();
      listener.durable(writes.subList(0, done));
    }
    writes.subList(done, writes.size()).forEach(this::add);
  }

  private static boolean isSmall(List<AppendToLog> writes) {
    long bytes = 0;
    for (AppendToLog write : writes) {
      for (Entry entry : write.entries()) {
        bytes += entry.payload().length;
      }
    }
    return bytes <= INLINE_BYTES_MAX;
  }

  /** Whether the thread has done all that was queued, and touches nothing. Called on the loop. */
  boolean isIdle() {
    return queued == done.get();
  }

  private void put(Task task) {
    queued++;
    queue.add(task);
  }

  private void timedForce() {
    long begun = clock.nanoTime();
    log.force();
    pace.forced(begun);
    sizeBytes = log.sizeBytes();
  }

  /** Lets the log begin after a snapshot, once the state machine has installed it. */
  void install(InstallSnapshot write, CompletableFuture<@Nullable Void> machine) {
    put(new Task.Install(write, machine));
  }

  void compact(SnapshotMark mark) {
    put(new Task.Compact(mark));
  }

  /** Keeps the id durably, before any compaction that comes later. */
  void keepClusterId(UUID id) {
    put(new Task.KeepClusterId(id));
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** Lets the thread end after the batch that it is writing; what is queued behind is dropped. */
  void stop() {
    stopping = true;
    queue.add(new Task.Stop());
  }

  /** Waits until the thread has ended; then nobody touches the log any more. */
  void join() {
    Threads.join(thread);
  }

  private void run() {
    try {
      while (!stopping) {
        if (pending.isEmpty()) {
          pending.add(queue.take());
        }
        drain();
        try {
          writeAll();
          tellFull(null);
        } catch (LogFullException noRoom) {
          force(); // what was written before it
          tellFull(noRoom);
          awaitRoom();
        }
      }
    } catch (Throwable t) {
      listener.failed(t);
    }
  }

  private void drain() {
    for (Task next = queue.poll(); next != null; next = queue.poll()) {
      if (full) {
        addBlocked(next);
      } else {
        pending.add(next);
      }
    }
  }

  /** Does what is pending, in order; what could not be done for want of room stays. */
  private void writeAll() throws InterruptedException, ExecutionException {
    while (!stopping) {
      Task next = pending.peek();
      if (next == null) {
        break;
      }
      if (next instanceof Task.Append append) {
        log.append(append.write().hardState(), append.write().entries());
        appended.add(append.write());
        pending.remove();
        continue; // done when it is forced
      } else if (next instanceof Task.Install install) {
        force();
        if (!awaitMachine(install)) {
          return;
        }
        log.reset(install.write().hardState(), install.write().mark());
        listener.installed(install.write());
      } else if (next instanceof Task.Compact compact) {
        force();
        log.compact(compact.mark());
      } else if (next instanceof Task.KeepClusterId keep) {
        clusterId.keep(keep.id());
      }
      pending.remove();
      done.incrementAndGet();
    }
    force();
  }

  private void force() {
    if (appended.isEmpty() || stopping) {
      return;
    }
    timedForce();
    List<AppendToLog> batch = List.copyOf(appended);
    appended.clear();
    listener.durable(batch);
    done.addAndGet(batch.size()); // after that: what the loop writes itself is told later
  }

  /** False if this thread is to end instead. */
  private boolean awaitMachine(Task.Install install)
      throws InterruptedException, ExecutionException {
    while (!stopping && !isDone(install.machine())) {
      // Looks again whether the node stops.
    }
    return !stopping;
  }

  private static boolean isDone(CompletableFuture<?> future)
      throws InterruptedException, ExecutionException {
    try {
      future.get(100, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    }
  }

  // ---- without room

  private void tellFull(@Nullable LogFullException why) {
    if (full != (why != null)) {
      full = why != null;
      listener.storageFull(why);
    }
  }

  /** Returns when it is worth trying again. */
  private void awaitRoom() throws InterruptedException {
    long begun = System.nanoTime();
    boolean compacted = compactAhead();
    while (!compacted && !stopping) {
      long left = TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS) - (System.nanoTime() - begun);
      Task next = left <= 0 ? null : queue.poll(left, TimeUnit.NANOSECONDS);
      if (next == null) {
        return;
      }
      addBlocked(next);
      compacted = compactAhead();
    }
  }

  /** Adds to what waits; a write without entries is joined to the one before it. */
  private void addBlocked(Task task) {
    if (task instanceof Task.Append append
        && append.write().entries().isEmpty()
        && pending.peekLast() instanceof Task.Append last) {
      AppendToLog before = last.write();
      AppendToLog after = append.write();
      Set<Send> promises = new LinkedHashSet<>(before.whenDurable());
      promises.addAll(after.whenDurable());
      pending.removeLast();
      done.incrementAndGet(); // one of the two
      // The later hard state is durable with the first of the entries: what the earlier one
      // promised holds under it too.
      pending.add(
          new Task.Append(
              new AppendToLog(
                  after.write(), after.hardState(), before.entries(), List.copyOf(promises))));
    } else {
      pending.add(task);
    }
  }

  /**
   * Compacts before the writes that wait. What is discarded was applied, so it is durable and none
   * of them; only behind a snapshot to be installed it may be part of another log.
   */
  private boolean compactAhead() {
    boolean compacted = false;
    for (Iterator<Task> tasks = pending.iterator(); tasks.hasNext(); ) {
      Task task = tasks.next();
      if (task instanceof Task.Install || task instanceof Task.KeepClusterId) {
        return compacted;
      }
      if (task instanceof Task.Compact compact) {
        log.compact(compact.mark());
        sizeBytes = log.sizeBytes();
        tasks.remove();
        done.incrementAndGet();
        compacted = true;
      }
    }
    return compacted;
  }
}
