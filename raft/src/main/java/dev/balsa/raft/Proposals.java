package dev.balsa.raft;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Proposals whose fate is not certain yet. Used on the event loop only.
 *
 * <p>A proposal that has entered the log is decided when an entry is committed at its index, and by
 * nothing else. A leader that is deposed does not know what becomes of it: the entry may live on in
 * its successor's log. So several proposals can wait at one index, from different terms of this
 * node's leadership; one of them at most will be committed.
 */
final class Proposals {
  private final Map<Long, CompletableFuture<ProposalOutcome>> unplaced = new HashMap<>();
  private final Map<Long, Placed> placed = new HashMap<>();

  private record Placed(
      long term, CompletableFuture<ProposalOutcome> future, @Nullable Placed sameIndex) {}

  void add(long number, CompletableFuture<ProposalOutcome> future) {
    unplaced.put(number, future);
  }

  void refused(long number, ProposalOutcome.Refused outcome) {
    take(number).complete(outcome);
  }

  void placed(long number, long index, long term) {
    placed.put(index, new Placed(term, take(number), placed.get(index)));
  }

  /** Decides what waits at the index of a committed entry. */
  void committed(Entry entry) {
    if (placed.isEmpty()) {
      return;
    }
    for (Placed waiting = placed.remove(entry.index());
        waiting != null;
        waiting = waiting.sameIndex) {
      waiting.future.complete(
          waiting.term == entry.term()
              ? new ProposalOutcome.Committed(entry.index(), entry.term())
              : new ProposalOutcome.Superseded(entry.index(), entry.term()));
    }
  }

  /**
   * A snapshot takes the place of the log up to its mark. What waits there is decided, but not told
   * one by one: only of a term after the mark's it is certain that it was superseded.
   */
  void skippedTo(SnapshotMark mark) {
    List<Long> indexes = placed.keySet().stream().filter(i -> i <= mark.index()).sorted().toList();
    for (long index : indexes) {
      for (Placed waiting = placed.remove(index); waiting != null; waiting = waiting.sameIndex) {
        if (waiting.term > mark.term()) {
          waiting.future.complete(new ProposalOutcome.Superseded(index, mark.term()));
        } else {
          waiting.future.completeExceptionally(new OutcomeSkippedException(index, mark.index()));
        }
      }
    }
  }

  /** Removes all: they will never be decided here. */
  List<CompletableFuture<ProposalOutcome>> drain() {
    List<CompletableFuture<ProposalOutcome>> futures = new ArrayList<>(unplaced.values());
    for (Placed chain : placed.values()) {
      for (Placed waiting = chain; waiting != null; waiting = waiting.sameIndex) {
        futures.add(waiting.future);
      }
    }
    unplaced.clear();
    placed.clear();
    return futures;
  }

  private CompletableFuture<ProposalOutcome> take(long number) {
    CompletableFuture<ProposalOutcome> future = unplaced.remove(number);
    if (future == null) {
      throw new InvariantViolation("no proposal " + number);
    }
    return future;
  }
}
