package dev.balsa.raft.sim;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.VoteResponse;

/**
 * Who leads has the votes of a majority of its configuration (of both, if it is joint), and its own
 * vote only if that is durable (thesis 3.4, 4.3).
 */
final class ElectedByAQuorum extends Check {
  private final Votes votes = new Votes();

  @Override
  void sent(Server server, long to, Message message) {
    if (message instanceof VoteResponse response && response.granted()) {
      votes.note(response.term(), server.id(), to);
    }
  }

  @Override
  void leads(Server server, long term) {
    Leadership now = server.leadership();
    if (now.role() != Role.LEADER || now.term() != term || server.raft().lastIndex() == 0) {
      return; // more has happened in the same step, and the configuration may be another by now
    }
    long self = server.id();
    Configuration configuration = configurationBefore(server);
    require(
        Majorities.decides(
            configuration,
            id -> id == self ? hasOwnVote(server, term) : votes.of(term, id) == self),
        "server %s leads in term %s without the votes of a majority of %s",
        self,
        term,
        configuration);
  }

  /** What was in force when it was elected: its term's own entries have come since. */
  private static Configuration configurationBefore(Server server) {
    ServerLog log = server.disk().image();
    long index = log.lastIndex();
    while (index > log.base().index() && log.termAt(index) == server.leadership().term()) {
      index--;
    }
    return server.disk().configurationAt(index);
  }

  private static boolean hasOwnVote(Server server, long term) {
    HardState durable = server.disk().hardState();
    return durable.term() == term && durable.votedFor() == server.id();
  }

  @Override
  void forget(long beforeIndex, long beforeTerm) {
    votes.forgetBefore(beforeTerm);
  }
}
