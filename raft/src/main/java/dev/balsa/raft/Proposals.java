package dev.balsa.raft;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotMark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The proposals whose outcome is not certain yet, on the event loop.
 *
 * <p>A proposal is first {@linkplain #add numbered}, then refused or {@linkplain #placed placed} in
 * the log, and decided when an entry is committed at its place: it is that one, or another has
 * taken its place. The same place may be given again in a later term, if a truncation frees it
 * within this node's leadership; one of them at most will be committed.
 */
final class Proposals {
  private final ArrayDeque<Unplaced> unplaced = new ArrayDeque<>();

  /** By the terms in which this node led, ascending; hardly ever more than one. */
  private final List<Led> led = new ArrayList<>();

  /** Their numbers ascend, and the core places or refuses them in that order. */
  private record Unplaced(long number, CompletableFuture<ProposalOutcome> future) {}

  /** What was placed in one term, by ascending index: a leader only appends (thesis 3.3). */
  private record Led(long term, ArrayDeque<Placed> placed) {}

  private record Placed(long index, CompletableFuture<ProposalOutcome> future) {}

  void add(long number, CompletableFuture<ProposalOutcome> future) {
    unplaced.add(new Unplaced(number, future));
  }

  void refused(long number, ProposalOutcome.Refused outcome) {
    take(number).complete(outcome);
  }

  void placed(long number, long index, long term) {
    Led now = led.isEmpty() ? null : led.get(led.size() - 1);
    if (now == null || now.term != term) {
      long ledBefore = now == null ? 0 : now.term;
      Invariant.check(ledBefore < term, "placed in term %s after term %s", term, ledBefore);
      now = new Led(term, new ArrayDeque<>());
      led.add(now);
    }
    Placed last = now.placed.peekLast();
    long before = last == null ? 0 : last.index;
    Invariant.check(before < index, "placed at index %s after index %s", index, before);
    now.placed.add(new Placed(index, take(number)));
  }

  /** Decides what waits at the index of a committed entry. */
  void committed(Entry entry) {
    for (int i = 0; i < led.size(); i++) { // who is told may end the node: all is drained then
      Led each = led.get(i);
      Placed waiting = takeUpTo(each, entry.index());
      if (waiting != null) {
        Invariant.check(waiting.index == entry.index(), "%s is undecided at %s", waiting, entry);
        waiting.future.complete(
            each.term == entry.term()
                ? new ProposalOutcome.Committed(entry.index(), entry.term())
                : new ProposalOutcome.Superseded(entry.index(), entry.term()));
      }
    }
    forgetEarlier();
  }

  /**
   * A snapshot takes the place of the log up to its mark. What waits there is decided, but not told
   * one by one: only of a term after the mark's it is certain that it was superseded.
   */
  void skippedTo(SnapshotMark mark) {
    for (int i = 0; i < led.size(); i++) {
      Led each = led.get(i);
      for (Placed waiting = takeUpTo(each, mark.index());
          waiting != null;
          waiting = takeUpTo(each, mark.index())) {
        if (each.term > mark.term()) {
          waiting.future.complete(new ProposalOutcome.Superseded(waiting.index, mark.term()));
        } else {
          waiting.future.completeExceptionally(
              new OutcomeSkippedException(waiting.index, mark.index()));
        }
      }
    }
    forgetEarlier();
  }

  private static @Nullable Placed takeUpTo(Led of, long index) {
    Placed first = of.placed.peek();
    return first != null && first.index <= index ? of.placed.remove() : null;
  }

  /** Of the terms before the newest, those of which all is decided. */
  private void forgetEarlier() {
    if (led.size() > 1) {
      Led newest = led.get(led.size() - 1);
      led.removeIf(each -> each.term < newest.term && each.placed.isEmpty());
    }
  }

  /** Removes all: they will never be decided here. */
  List<CompletableFuture<ProposalOutcome>> drain() {
    List<CompletableFuture<ProposalOutcome>> futures = new ArrayList<>();
    unplaced.forEach(proposal -> futures.add(proposal.future));
    for (Led each : led) {
      each.placed.forEach(waiting -> futures.add(waiting.future));
      each.placed.clear();
    }
    unplaced.clear();
    led.clear();
    return futures;
  }

  private CompletableFuture<ProposalOutcome> take(long number) {
    Unplaced next = unplaced.poll();
    if (next == null || next.number != number) {
      throw new InvariantViolation("proposal " + number + " where " + next + " is due");
    }
    return next.future;
  }
}
