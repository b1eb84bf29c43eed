package dev.balsa.raft.core;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;

/**
 * Asks whether it could win an election before it starts one (thesis 9.6). Its term does not grow
 * meanwhile, so that a node cut off from the others does not disturb them when it comes back.
 */
final class PreCandidate extends RoleState {
  private final ElectionTimer timer;
  private final Ballot ballot;

  PreCandidate(NodeState node) {
    super(node);
    timer = node.newElectionTimer();
    ballot = new Ballot(node.members.membership());
  }

  private PreCandidate(PreCandidate from, NodeState node) {
    super(node);
    timer = new ElectionTimer(from.timer);
    ballot = new Ballot(from.ballot);
  }

  @Override
  PreCandidate copy(NodeState copied) {
    return new PreCandidate(this, copied);
  }

  @Override
  void describe(StateSink sink) {
    timer.describe(sink);
    ballot.describe(sink);
  }

  @Override
  Role role() {
    return Role.PRE_CANDIDATE;
  }

  void begin() {
    ballot.count(node.id(), true);
    for (long peer : node.members.membership().nodes()) {
      if (peer != node.id() && node.members.membership().isVoter(peer)) {
        node.send(
            peer, new PreVoteRequest(node.term() + 1, node.log.lastIndex(), node.log.lastTerm()));
      }
    }
    decide();
  }

  @Override
  void tick() {
    if (timer.tick()) {
      node.becomePreCandidate();
    }
  }

  @Override
  void preVoteResponse(long from, PreVoteResponse message) {
    if (message.granted() && message.term() != node.term() + 1) {
      return; // an answer to an earlier question
    }
    ballot.count(from, message.granted());
    decide();
  }

  @Override
  void mayNotCampaign() {
    node.becomeFollower(node.term(), 0);
  }

  private void decide() {
    if (ballot.isWon()) {
      node.becomeCandidate(false);
    } else if (ballot.isLost()) {
      node.becomeFollower(node.term(), 0);
    }
  }
}
