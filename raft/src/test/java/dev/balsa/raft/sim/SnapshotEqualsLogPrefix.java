package dev.balsa.raft.sim;

import dev.balsa.raft.core.SnapshotMark;

/**
 * A snapshot that has arrived, or that the log is cut at, stands for exactly the committed entries
 * up to its mark, and for the configuration in force there (thesis 5.1).
 */
final class SnapshotEqualsLogPrefix extends Check {
  private final Life life;

  SnapshotEqualsLogPrefix(Life life) {
    this.life = life;
  }

  @Override
  void arrived(Server server, SnapshotMark mark, Machine.State state) {
    require(
        mark.index() == state.index(),
        "server %s has got a snapshot of %s as one of %s",
        server.id(),
        state.index(),
        mark.index());
    requireMark(server, mark);
    Ledger ledger = life.ledger();
    require(
        !ledger.knows(mark.index()) || ledger.chainAt(mark.index()) == state.chain(),
        "server %s has got a snapshot at %s of another state than the committed",
        server.id(),
        mark.index());
  }

  @Override
  void compacting(Server server, SnapshotMark mark) {
    requireMark(server, mark);
    require(
        mark.index() <= server.machine().snapshotIndex(),
        "server %s lets its log go up to %s, its snapshot is at %s",
        server.id(),
        mark.index(),
        server.machine().snapshotIndex());
  }

  @Override
  void installing(Server server, SnapshotMark mark, long chain) {
    requireMark(server, mark);
  }

  private void requireMark(Server server, SnapshotMark mark) {
    Ledger ledger = life.ledger();
    require(
        mark.index() <= ledger.top(),
        "server %s has a snapshot at %s; committed is %s",
        server.id(),
        mark.index(),
        ledger.top());
    if (!ledger.knows(mark.index())) {
      return;
    }
    require(
        mark.term() == ledger.termAt(mark.index())
            && mark.configuration().equals(ledger.configurationAt(mark.index())),
        "server %s has %s; committed there are term %s and %s",
        server.id(),
        mark,
        ledger.termAt(mark.index()),
        ledger.configurationAt(mark.index()));
  }
}
