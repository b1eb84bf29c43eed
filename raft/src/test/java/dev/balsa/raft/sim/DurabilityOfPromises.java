package dev.balsa.raft.sim;

import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;

/** What a server promises by a message is on its disk when the message leaves (thesis 3.8). */
final class DurabilityOfPromises extends Check {
  private final Life life;

  DurabilityOfPromises(Life life) {
    this.life = life;
  }

  @Override
  void sent(Server server, long to, Message message) {
    if (message instanceof VoteResponse response && response.granted()) {
      requireVote(server, response.term(), to);
    } else if (message instanceof VoteRequest request) {
      requireVote(server, request.term(), server.id());
    } else if (message instanceof AppendAccepted accepted) {
      requireEntries(server, to, accepted);
    }
  }

  private void requireVote(Server server, long term, long candidate) {
    HardState durable = server.disk().hardState();
    require(
        durable.term() > term || (durable.term() == term && durable.votedFor() == candidate),
        "server %s votes for %s in term %s, on its disk is %s",
        server.id(),
        candidate,
        term,
        durable);
  }

  private void requireEntries(Server server, long to, AppendAccepted accepted) {
    if (server.disk().hardState().term() > accepted.term()) {
      return; // it has had them, and may have been told otherwise by a later leader
    }
    ServerLog durable = server.disk().durable();
    long index = accepted.matchIndex();
    require(
        index <= durable.lastIndex(),
        "server %s has accepted entry %s, on its disk are those up to %s",
        server.id(),
        index,
        durable.lastIndex());
    Server leader = life.server(to);
    if (leader.isLeader()
        && leader.leadership().term() == accepted.term()
        && leader.disk().image().reaches(index)
        && durable.reaches(index)) {
      require(
          leader.disk().image().chainAt(index) == durable.chainAt(index),
          "server %s agrees with leader %s up to %s; its disk does not",
          server.id(),
          to,
          index);
    }
  }
}
