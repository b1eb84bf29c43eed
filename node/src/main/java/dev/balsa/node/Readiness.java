package dev.balsa.node;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.Snapshots;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches a node from between Raft and its state machine, and knows when it is ready: when it has
 * applied all that was committed when it first heard the leader.
 *
 * <p>A follower cannot see that from its own commit index, which is bounded by its log. It is in
 * what the leader says: in its first AppendEntries, or, if it has nothing to send, in its
 * heartbeats (the leader sends entries within a heartbeat's answer to a follower that lacks some,
 * so that a few heartbeats without them mean that there are none). A leader is ready when it has
 * applied the first entry of its own term, which it commits after all earlier ones.
 */
final class Readiness implements StateMachine {
  private static final int HEARTBEATS_WITHOUT_ENTRIES = 3;

  private final StateMachine machine;
  private final Consumer<Leadership> onChange;
  private final ReentrantLock lock = new ReentrantLock();

  /** The node has become ready, has come to lead, or has ended. */
  private final Condition changed = lock.newCondition();

  private Leadership leadership = Leadership.NONE;
  private long heardTerm;
  private long heardCommitted = -1;
  private int heartbeats;
  private long given;
  private long applied;
  private long target = -1;
  private boolean ended;
  private @Nullable Throwable failure;

  /**
   * Creates the watch.
   *
   * @param machine gets everything first
   * @param onChange called on the event loop at each change of leadership
   */
  Readiness(StateMachine machine, Consumer<Leadership> onChange) {
    this.machine = machine;
    this.onChange = onChange;
  }

  @Override
  public long start(Progress progress) {
    long redone =
        machine.start(
            new Progress() {
              @Override
              public void applied(long index) {
                progress.applied(index);
                update(() -> applied = Math.max(applied, index));
              }

              @Override
              public void snapshotTaken(long index) {
                progress.snapshotTaken(index);
              }

              @Override
              public void failed(Throwable cause) {
                progress.failed(cause);
              }
            });
    update(
        () -> {
          applied = redone;
          given = redone;
        });
    return redone;
  }

  @Override
  public void committed(List<Entry> entries) {
    machine.committed(entries);
    update(() -> given = entries.get(entries.size() - 1).index());
  }

  @Override
  public @Nullable Snapshots snapshots() {
    return machine.snapshots();
  }

  @Override
  public void configuration(Configuration configuration, boolean committed) {
    machine.configuration(configuration, committed);
  }

  @Override
  public void message(long from, byte[] payload) {
    machine.message(from, payload);
  }

  @Override
  public void leadership(Leadership now) {
    machine.leadership(now);
    update(() -> leadership = now);
    onChange.accept(now);
  }

  @Override
  public void failed(Throwable cause) {
    machine.failed(cause);
    update(
        () -> {
          failure = cause;
          ended = true;
        });
  }

  /** A peer has sent a message. */
  void heard(Message message) {
    if (isDecided()) {
      return;
    }
    if (message instanceof Message.AppendRequest append) {
      update(() -> said(append.term(), append.committed(), true));
    } else if (message instanceof Message.Heartbeat heartbeat) {
      update(() -> said(heartbeat.term(), heartbeat.committed(), false));
    }
  }

  private void said(long term, long committed, boolean all) {
    if (term > heardTerm) {
      heardTerm = term;
      heardCommitted = -1;
      heartbeats = 0;
    }
    if (term < heardTerm || heardCommitted >= 0) {
      return;
    }
    heartbeats += all ? 0 : 1;
    if (all || heartbeats >= HEARTBEATS_WITHOUT_ENTRIES) {
      heardCommitted = committed;
    }
  }

  /** The node is closed. */
  void close() {
    update(() -> ended = true);
  }

  private void update(Runnable change) {
    lock.lock();
    try {
      boolean wasReady = ready();
      boolean wasLeading = leading();
      boolean hadEnded = ended;
      change.run();
      if (target < 0) {
        if (leading()) {
          target = given;
        } else if (leadership.role() == Role.FOLLOWER
            && leadership.leaderId() != 0
            && leadership.term() == heardTerm
            && heardCommitted >= 0) {
          target = heardCommitted;
        }
      }
      // Every commit comes by here: nobody is woken for nothing.
      if ((ready() && !wasReady) || (leading() && !wasLeading) || (ended && !hadEnded)) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private boolean ready() {
    return target >= 0 && applied >= target;
  }

  /** Under the lock. */
  private boolean leading() {
    return leadership.isLeader() && leadership.established();
  }

  private boolean isDecided() {
    lock.lock();
    try {
      return target >= 0;
    } finally {
      lock.unlock();
    }
  }

  boolean isReady() {
    lock.lock();
    try {
      return ready();
    } finally {
      lock.unlock();
    }
  }

  @Nullable Throwable failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  boolean awaitReady(long nanos) throws InterruptedException {
    return await(nanos, this::ready);
  }

  boolean awaitLeading(long nanos) throws InterruptedException {
    return await(nanos, this::leading);
  }

  boolean awaitEnd(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a condition; ends early, with false, when the node does. */
  private boolean await(long nanos, BooleanSupplier condition) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!ended && !condition.getAsBoolean() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !ended && condition.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }
}
