package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;

/**
 * When an entry is taken for committed, a majority of the configuration in force has it durably; of
 * both, if that is joint (thesis 3.6, 4.3).
 */
final class CommittedIsOnAQuorum extends Check {
  private final Life life;

  CommittedIsOnAQuorum(Life life) {
    this.life = life;
  }

  @Override
  void committed(Server server, long index) {
    long chain = life.ledger().chainAt(index);
    Configuration configuration = server.configuration();
    require(
        Majorities.decides(configuration, id -> holds(life.server(id), index, chain)),
        "server %s takes entry %s/%s for committed; not on the disks of a majority of %s",
        server.id(),
        index,
        life.ledger().termAt(index),
        configuration);
  }

  private static boolean holds(Server server, long index, long chain) {
    ServerLog log = server.disk().durable();
    return index < log.base().index() || (log.reaches(index) && log.chainAt(index) == chain);
  }
}
