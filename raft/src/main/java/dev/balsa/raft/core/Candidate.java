package dev.balsa.raft.core;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;

/**
 * Asks for votes in a new term (thesis 3.4).
 *
 * <p>Its own vote counts once it is durable, and it asks others only then. A candidate that asked
 * at once could crash, forget the term and the end of its log, stand in the same term again with
 * the shorter log, and be elected by a late answer that was given to the longer one.
 */
final class Candidate extends RoleState {
  private final ElectionTimer timer;
  private final Ballot ballot;
  private final long ownVoteWrite;
  private final boolean transfer;

  Candidate(NodeState node, boolean transfer) {
    super(node);
    timer = node.newElectionTimer();
    ballot = new Ballot(node.members.membership());
    this.transfer = transfer;
    ownVoteWrite = node.writes.nextNumber(); // this step's: the new term must be written
  }

  private Candidate(Candidate from, NodeState node) {
    super(node);
    timer = new ElectionTimer(from.timer);
    ballot = new Ballot(from.ballot);
    ownVoteWrite = from.ownVoteWrite;
    transfer = from.transfer;
  }

  @Override
  Candidate copy(NodeState copied) {
    return new Candidate(this, copied);
  }

  @Override
  void describe(StateSink sink) {
    timer.describe(sink);
    ballot.describe(sink);
    sink.number("ownVoteWrite", node.writes.pendingUpTo(ownVoteWrite));
    sink.flag("transfer", transfer);
  }

  @Override
  Role role() {
    return Role.CANDIDATE;
  }

  void begin() {
    VoteRequest request =
        new VoteRequest(node.term(), node.log.lastIndex(), node.log.lastTerm(), transfer);
    for (long peer : node.members.membership().nodes()) {
      if (peer != node.id() && node.members.membership().isVoter(peer)) {
        ask(peer, request);
      }
    }
    if (node.decisions.standsBeforeDurable()) {
      ballot.count(node.id(), true);
      decide();
    }
  }

  private void ask(long peer, VoteRequest request) {
    if (node.decisions.standsBeforeDurable()) {
      node.send(peer, request);
    } else {
      node.promise(peer, request);
    }
  }

  @Override
  void tick() {
    if (timer.tick()) {
      node.becomePreCandidate();
    }
  }

  @Override
  void durable(long write) {
    if (write >= ownVoteWrite) {
      ballot.count(node.id(), true);
      decide();
    }
  }

  @Override
  void voteResponse(long from, VoteResponse message) {
    ballot.count(from, message.granted());
    decide();
  }

  @Override
  void mayNotCampaign() {
    node.becomeFollower(node.term(), 0);
  }

  private void decide() {
    if (ballot.isWon()) {
      node.becomeLeader();
    } else if (ballot.isLost()) {
      node.becomeFollower(node.term(), 0);
    }
  }
}
