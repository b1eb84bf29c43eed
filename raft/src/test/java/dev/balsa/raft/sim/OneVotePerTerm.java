package dev.balsa.raft.sim;

import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;

/** A server votes for one candidate a term, whatever it has been through (thesis 3.4). */
final class OneVotePerTerm extends Check {
  private final Votes votes = new Votes();

  @Override
  void sent(Server server, long to, Message message) {
    if (message instanceof VoteResponse response && response.granted()) {
      vote(response.term(), server.id(), to);
    } else if (message instanceof VoteRequest request) {
      vote(request.term(), server.id(), server.id());
    }
  }

  private void vote(long term, long voter, long candidate) {
    long before = votes.note(term, voter, candidate);
    require(
        before == 0 || before == candidate,
        "server %s votes in term %s for %s and for %s",
        voter,
        term,
        before,
        candidate);
  }

  @Override
  void forget(long beforeIndex, long beforeTerm) {
    votes.forgetBefore(beforeTerm);
  }
}
