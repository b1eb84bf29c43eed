package dev.balsa.raft.sim;

import dev.balsa.raft.core.Entry;

/**
 * State machines are given what is committed, in order, each entry once, and on no two servers
 * another (thesis figure 3.2).
 */
final class StateMachineSafety extends Check {
  private final Life life;

  StateMachineSafety(Life life) {
    this.life = life;
  }

  @Override
  void handedOver(Server server, long before, Entry entry, long chain) {
    Ledger ledger = life.ledger();
    require(
        entry.index() == before + 1,
        "server %s is given %s after entry %s",
        server.id(),
        entry,
        before);
    require(
        entry.index() <= ledger.top(),
        "server %s is given %s; committed is %s",
        server.id(),
        entry,
        ledger.top());
    require(
        !ledger.knows(entry.index()) || ledger.chainAt(entry.index()) == chain,
        "server %s is given %s, which is not what is committed",
        server.id(),
        entry);
  }
}
