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

  Candidate(NodeState node) {
    super(node);
    timer = node.newElectionTimer();
    ballot = new Ballot(node.membership);
    ownVoteWrite = node.writes.nextNumber(); // this step's: the new term must be written
  }

  @Override
  Role role() {
    return Role.CANDIDATE;
  }

  void begin() {
    for (long peer : node.membership.peers()) {
      node.promise(peer, new VoteRequest(node.term(), node.log.lastIndex(), node.log.lastTerm()));
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

  private void decide() {
    if (ballot.isWon()) {
      node.becomeLeader();
    } else if (ballot.isLost()) {
      node.becomeFollower(node.term(), 0);
    }
  }
}
