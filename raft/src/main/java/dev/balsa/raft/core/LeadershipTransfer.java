package dev.balsa.raft.core;

import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.TimeoutNow;
import dev.balsa.raft.core.TraceSink.Transition;
import org.jspecify.annotations.Nullable;

/**
 * How a leader gives its place to another (thesis 3.10): it takes no proposals, brings the target's
 * log up to its own, and tells it to stand at once. If nothing comes of it within an election
 * timeout, this node goes on as leader; but never again by a lease in this term, since the target
 * may have been told, and stand at any time.
 */
final class LeadershipTransfer {
  private final NodeState node;
  private final Peers peers;
  private final LeaderReads reads;
  private @Nullable Transfer underWay;

  LeadershipTransfer(NodeState node, Peers peers, LeaderReads reads) {
    this.node = node;
    this.peers = peers;
    this.reads = reads;
  }

  LeadershipTransfer(LeadershipTransfer from, NodeState node, Peers peers, LeaderReads reads) {
    this(node, peers, reads);
    underWay = from.underWay == null ? null : new Transfer(from.underWay);
  }

  void describe(StateSink sink) {
    sink.flag("underWay", underWay != null);
    if (underWay != null) {
      underWay.describe(sink, node.config.electionTimeoutTicks());
    }
  }

  boolean isUnderWay() {
    return underWay != null;
  }

  void request(long number, long wanted) {
    Peer best = peers.best();
    long target = wanted != 0 ? wanted : best == null ? 0 : best.id();
    if (target == node.id()) {
      node.emit(new Effect.TransferDone(number));
      return;
    }
    if (!isTarget(target)) {
      node.emit(new Effect.TransferRefused(number, Refusal.NOT_A_VOTER));
      return;
    }
    refuse(Refusal.REPLACED);
    begin(number, target);
  }

  /** Nobody has asked, but another would do better; unless one is under way, or nobody is there. */
  void offer() {
    Peer best = peers.best();
    if (underWay == null && best != null) {
      begin(Transfer.OWN, best.id());
    }
  }

  /** What this node has offered by itself is no longer called for, unless it was told already. */
  void withdraw() {
    if (underWay != null && underWay.number == Transfer.OWN && !underWay.isTold()) {
      underWay = null;
    }
  }

  private void begin(long number, long target) {
    underWay = new Transfer(number, target);
    node.trace.transition(new Transition.TransferBegun(target));
  }

  private boolean isTarget(long id) {
    return node.members.inForce().configuration().voters().contains(id) && peers.find(id) != null;
  }

  void tick() {
    if (underWay != null && underWay.tick() >= node.config.electionTimeoutTicks()) {
      refuse(Refusal.TIMED_OUT);
    }
  }

  /** What was said to the target may have been lost. */
  void tellAgain() {
    if (underWay != null) {
      underWay.tellAgain();
    }
  }

  /** Tells the target to stand, once its log is as long as this one. */
  void advance() {
    if (underWay == null) {
      return;
    }
    Peer target = peers.find(underWay.target);
    if (target == null || !isTarget(underWay.target)) {
      refuse(Refusal.NOT_A_VOTER); // it was removed or demoted meanwhile
    } else if (target.matchIndex() == node.log.lastIndex() && !underWay.isTold()) {
      underWay.told();
      node.decisions.beforeTimeoutNow(reads); // before anybody hears of it
      node.send(target.id(), new TimeoutNow(node.term()));
    }
  }

  /** This leader ends by itself: the best of the others need not wait for its silence. */
  void handOver() {
    Peer best = peers.best();
    if (best != null) {
      node.send(best.id(), new TimeoutNow(node.term()));
    }
  }

  /** This node leads no more. */
  void leave(boolean inNewerTerm) {
    if (inNewerTerm && underWay != null) {
      if (underWay.number != Transfer.OWN) {
        node.emit(new Effect.TransferDone(underWay.number));
      }
      underWay = null;
    } else {
      refuse(Refusal.NOT_LEADER);
    }
  }

  private void refuse(Refusal reason) {
    if (underWay != null && underWay.number != Transfer.OWN) {
      node.emit(new Effect.TransferRefused(underWay.number, reason));
    }
    underWay = null;
  }
}
