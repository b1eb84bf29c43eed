package dev.balsa.fsm;

import dev.balsa.raft.Consensus;
import dev.balsa.raft.ProposalOutcome;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Proposes the parts of one transaction in order, a few at a time, so that a transaction of any
 * size keeps few bytes uncommitted. Stops at the first part that is refused: the transaction can
 * then never be completed.
 */
final class PartSender {
  private static final int IN_FLIGHT_MAX = 8;

  private final Consensus consensus;
  private final long term;
  private final List<byte[]> parts;
  private final Consumer<ProposalOutcome> lost;
  private final Consumer<Throwable> undecided;
  private int next;
  private int inFlight;
  private boolean stopped;

  /**
   * Creates a sender.
   *
   * @param term the only term in which the parts may be appended
   * @param lost told, once, when a part was refused or superseded
   * @param undecided told when this node has stopped before a part was decided
   */
  PartSender(
      Consensus consensus,
      long term,
      List<byte[]> parts,
      Consumer<ProposalOutcome> lost,
      Consumer<Throwable> undecided) {
    this.consensus = consensus;
    this.term = term;
    this.parts = parts;
    this.lost = lost;
    this.undecided = undecided;
  }

  /** Proposes what fits into the window. Does not block. */
  synchronized void send() {
    while (!stopped && next < parts.size() && inFlight < IN_FLIGHT_MAX) {
      inFlight++;
      byte[] part = parts.get(next++);
      var unused = consensus.propose(term, part).whenComplete(this::decided);
    }
  }

  private void decided(@Nullable ProposalOutcome outcome, @Nullable Throwable nodeStopped) {
    boolean first;
    synchronized (this) {
      inFlight--;
      if (outcome instanceof ProposalOutcome.Committed) {
        send();
        return;
      }
      first = !stopped;
      stopped = true;
    }
    if (nodeStopped != null) {
      undecided.accept(nodeStopped);
    } else if (first && outcome != null) {
      lost.accept(outcome);
    }
  }
}
