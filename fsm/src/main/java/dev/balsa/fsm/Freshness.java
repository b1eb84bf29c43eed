package dev.balsa.fsm;

import dev.balsa.raft.ReadOutcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How recent this node's state can be shown to be. Thread-safe.
 *
 * <p>A follower cannot learn that from what the leader sends by itself: a heartbeat tells neither
 * when it was sent nor whether its sender still led. So it notes the time and asks. The answer
 * names an index that holds all that was committed when the leader was asked, confirmed by a
 * quorum: that was after the time noted. A state with that index applied is at most as old as that
 * is long ago, by this node's own clock. The leader itself asks in the same way.
 *
 * <p>A proof serves all readers for as long as it is recent enough for them.
 */
final class Freshness {
  /**
   * The state at an index holds all that was committed at a time.
   *
   * @param nanos the time, by this node's clock
   */
  private record Proof(long nanos, long index) {}

  /** A question on its way. */
  private record Question(long nanos, CompletableFuture<ReadOutcome> answer) {}

  private final Supplier<CompletableFuture<ReadOutcome>> leader;
  private final AppliedIndex applied;
  private final LongSupplier clock;
  private @Nullable Proof newest;
  private @Nullable Question underway;

  /**
   * Knows nothing yet.
   *
   * @param leader asks it
   * @param applied how far this node is
   * @param clock in nanoseconds
   */
  Freshness(
      Supplier<CompletableFuture<ReadOutcome>> leader, AppliedIndex applied, LongSupplier clock) {
    this.leader = leader;
    this.applied = applied;
    this.clock = clock;
  }

  /**
   * Returns once this node's state is shown to be recent enough. To be called before a snapshot is
   * taken.
   *
   * @throws TooStaleException if that cannot be shown; at the latest after the bound, or by the
   *     deadline
   */
  void require(Duration bound, Deadline deadline) {
    long boundNanos = nanos(bound);
    try {
      Proof proof = newest();
      if (proof == null || ageNanos(proof) > boundNanos) {
        proof = ask(bound, Math.min(boundNanos, deadline.leftNanos()), deadline.threads());
      }
      long left = Math.min(boundNanos - ageNanos(proof), deadline.leftNanos());
      if (!applied.await(proof.index(), Math.max(0, left))) {
        throw new TooStaleException(
            bound, "it has applied the log up to " + applied.get() + " of " + proof.index(), null);
      }
      if (ageNanos(proof) > boundNanos) {
        throw new TooStaleException(bound, "what the leader has said is older by now", null);
      }
    } catch (InterruptedException e) {
      throw Gate.interrupted(e);
    }
  }

  private static long nanos(Duration bound) {
    try {
      return bound.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE; // 292 years
    }
  }

  private long ageNanos(Proof proof) {
    return clock.getAsLong() - proof.nanos();
  }

  private synchronized @Nullable Proof newest() {
    return newest;
  }

  private Proof ask(Duration bound, long waitNanos, EngineThreads threads)
      throws InterruptedException {
    Question question = question(waitNanos);
    try {
      ReadOutcome outcome = threads.await(question.answer(), waitNanos);
      if (outcome instanceof ReadOutcome.Ready ready) {
        return proven(new Proof(question.nanos(), ready.index()));
      }
      throw new TooStaleException(
          bound, "no leader answers it (" + ((ReadOutcome.Refused) outcome).reason() + ")", null);
    } catch (TimeoutException e) {
      throw new TooStaleException(bound, "the leader has not answered in time", e);
    } catch (ExecutionException e) {
      throw new TooStaleException(bound, "the node has stopped", e);
    }
  }

  /** Joins a question that leaves half of the wait at least, or asks anew. */
  private synchronized Question question(long waitNanos) {
    Question joined = underway;
    if (joined == null
        || joined.answer().isDone()
        || clock.getAsLong() - joined.nanos() > waitNanos / 2) {
      long now = clock.getAsLong(); // before the question leaves
      joined = new Question(now, leader.get());
      underway = joined;
    }
    return joined;
  }

  private synchronized Proof proven(Proof proof) {
    Proof before = newest;
    if (before == null || proof.nanos() - before.nanos() > 0) {
      newest = proof;
    }
    return proof;
  }
}
