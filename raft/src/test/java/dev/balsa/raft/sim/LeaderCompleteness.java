package dev.balsa.raft.sim;

/** What was committed in a term is in the log of every leader of a later one (figure 3.2). */
final class LeaderCompleteness extends Check {
  private final Life life;

  LeaderCompleteness(Life life) {
    this.life = life;
  }

  @Override
  void leads(Server server, long term) {
    Ledger ledger = life.ledger();
    long index = ledger.top();
    while (ledger.knows(index) && ledger.committedIn(index) >= term) {
      index--;
    }
    requireHas(server, term, index);
  }

  @Override
  void committed(Server server, long index) {
    long term = life.ledger().committedIn(index);
    for (Server other : life.servers()) {
      if (other != server && other.isLeader() && other.leadership().term() > term) {
        requireHas(other, other.leadership().term(), index);
      }
    }
  }

  private void requireHas(Server server, long term, long index) {
    Ledger ledger = life.ledger();
    ServerLog log = server.disk().image();
    if (!ledger.knows(index) || index < log.base().index()) {
      return;
    }
    require(
        log.reaches(index) && log.chainAt(index) == ledger.chainAt(index),
        "server %s leads in term %s without all that is committed up to %s/%s",
        server.id(),
        term,
        index,
        ledger.termAt(index));
  }
}
