package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.ProposalOutcome;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Proposes the parts of one transaction in order, a few at a time, so that a transaction of any
 * size keeps few bytes uncommitted. Stops at the first part that is refused: the transaction can
 * then never be completed. Whatever happens, also within Raft's callbacks, the decision is told.
 */
final class PartSender {
  private static final int IN_FLIGHT_MAX = 8;

  private final Consensus consensus;
  private final long term;
  private final int parts;
  private final IntFunction<byte[]> part;
  private final CompletableFuture<ProposalOutcome> decision;
  private final Runnable allProposed;
  private int next;
  private int inFlight;
  private boolean sending;
  private @Nullable ProposalOutcome committed;
  private @Nullable ProposalOutcome lost;
  private @Nullable Throwable failure;

  /**
   * Creates a sender.
   *
   * @param term the only term in which the parts may be appended
   * @param parts how many
   * @param part makes one, asked for when its turn has come
   * @param decision is completed once all proposed parts are answered: with the last part's
   *     commitment, with the first outcome that is none, or with what went wrong
   * @param allProposed run when the last part has been proposed later than by {@link #send}'s first
   *     call, on the thread that tells of Raft's decisions
   */
  PartSender(
      Consensus consensus,
      long term,
      int parts,
      IntFunction<byte[]> part,
      CompletableFuture<ProposalOutcome> decision,
      Runnable allProposed) {
    this.consensus = consensus;
    this.term = term;
    this.parts = parts;
    this.part = part;
    this.decision = decision;
    this.allProposed = allProposed;
  }

  /**
   * Proposes what fits into the window. Does not block, and throws nothing: a failure is told as
   * the decision.
   *
   * @return whether the last part has been proposed
   */
  boolean send() {
    boolean all;
    synchronized (this) {
      fill();
      all = next == parts;
    }
    tell();
    return all;
  }

  private void fill() {
    if (sending) {
      return; // a proposal was decided before propose() returned: the loop below goes on
    }
    sending = true;
    try {
      while (!stopped() && next < parts && inFlight < IN_FLIGHT_MAX) {
        byte[] payload = part.apply(next);
        CompletableFuture<ProposalOutcome> proposal = consensus.propose(term, payload);
        next++;
        inFlight++;
        var unused = proposal.whenComplete(this::decided);
      }
    } catch (Throwable e) { // whatever it is: it is the decision
      failure = e;
    } finally {
      sending = false;
    }
  }

  private boolean stopped() {
    return lost != null || failure != null;
  }

  private void decided(@Nullable ProposalOutcome outcome, @Nullable Throwable undecided) {
    try {
      boolean last;
      synchronized (this) {
        inFlight--;
        if (outcome instanceof ProposalOutcome.Committed) {
          committed = outcome;
        } else if (outcome != null) {
          lost = lost == null ? outcome : lost;
        } else {
          failure = failure == null ? undecided : failure;
        }
        int before = next;
        boolean nested = sending;
        fill();
        last = !nested && before < parts && next == parts;
      }
      if (last) {
        allProposed.run();
      }
    } catch (Throwable e) {
      synchronized (this) {
        failure = failure == null ? e : failure;
      }
    }
    tell();
  }

  private void tell() {
    ProposalOutcome outcome;
    Throwable undecided;
    synchronized (this) {
      if (inFlight > 0 || (next < parts && !stopped())) {
        return;
      }
      outcome = lost != null ? lost : failure != null ? null : committed;
      undecided = failure;
    }
    if (outcome != null) {
      decision.complete(outcome);
    } else if (undecided != null) {
      decision.completeExceptionally(undecided);
    }
  }
}
