package dev.balsa.raft.sim;

import dev.balsa.raft.core.SnapshotMark;

/**
 * No server that has a committed entry gives it up, and none takes another for committed. (One
 * whose term is older than that in which the entry was committed may still give it up, to a leader
 * of that older term: the quorum does not count on it.)
 */
final class CommittedIsImmutable extends Check {
  private final Life life;

  /** The servers' terms before their present steps. */
  private final long[] terms = new long[Setup.SERVERS_MAX + 1];

  CommittedIsImmutable(Life life) {
    this.life = life;
  }

  @Override
  void truncating(Server server, long fromIndex) {
    Ledger ledger = life.ledger();
    ServerLog log = server.disk().image();
    require(
        !ledger.knows(fromIndex)
            || log.chainAt(fromIndex) != ledger.chainAt(fromIndex)
            || terms[(int) server.id()] < ledger.committedIn(fromIndex),
        "server %s removes the committed entry %s/%s",
        server.id(),
        fromIndex,
        log.termAt(fromIndex));
  }

  @Override
  void installing(Server server, SnapshotMark mark, long chain) {
    Ledger ledger = life.ledger();
    ServerLog log = server.disk().image();
    long index = Math.min(log.lastIndex(), ledger.top());
    require(
        mark.index() >= index
            || !ledger.knows(index)
            || !log.reaches(index)
            || log.chainAt(index) != ledger.chainAt(index),
        "server %s replaces its log, good up to the committed entry %s, by a snapshot at %s",
        server.id(),
        index,
        mark.index());
  }

  @Override
  void started(Server server) {
    terms[(int) server.id()] = server.disk().hardState().term();
  }

  @Override
  void stepped(Server server) {
    terms[(int) server.id()] = server.leadership().term();
    Ledger ledger = life.ledger();
    ServerLog log = server.disk().image();
    long index = server.raft().committedIndex();
    if (index == 0 || index < log.base().index()) {
      return;
    }
    require(
        index <= ledger.top() && log.reaches(index),
        "server %s takes %s for committed; its log ends at %s, committed is %s",
        server.id(),
        index,
        log.lastIndex(),
        ledger.top());
    require(
        !ledger.knows(index) || log.chainAt(index) == ledger.chainAt(index),
        "server %s has another log than what is committed, up to %s",
        server.id(),
        index);
  }
}
