package dev.balsa.raft.sim;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.VoteRequest;

/**
 * Only voters stand for election (thesis 4.2.1): of the configuration in force, or of the one
 * before while nobody has told the server that it is committed (4.2.2).
 */
final class MembersOnly extends Check {
  @Override
  void sent(Server server, long to, Message message) {
    if (message instanceof VoteRequest request
        && server.isUp()
        && server.leadership().term() == request.term()
        && server.leadership().role() == Role.CANDIDATE) {
      long committed =
          Math.max(server.raft().committedIndex(), server.disk().image().base().index());
      require(
          server.configuration().isVoter(server.id())
              || server.disk().configurationAt(committed).isVoter(server.id()),
          "server %s stands in term %s and is no voter of %s",
          server.id(),
          request.term(),
          server.configuration());
    }
  }
}
