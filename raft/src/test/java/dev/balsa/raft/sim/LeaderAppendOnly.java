package dev.balsa.raft.sim;

/** A leader never removes or overwrites entries of its log (thesis figure 3.2). */
final class LeaderAppendOnly extends Check {
  private final long[] leadsTerm = new long[Setup.SERVERS_MAX + 1];

  @Override
  void started(Server server) {
    leadsTerm[(int) server.id()] = 0;
  }

  @Override
  void stepped(Server server) {
    leadsTerm[(int) server.id()] = server.isLeader() ? server.leadership().term() : 0;
  }

  @Override
  void truncating(Server server, long fromIndex) {
    long term = leadsTerm[(int) server.id()];
    require(
        term == 0 || !server.isLeader() || server.leadership().term() != term,
        "server %s leads in term %s and removes its entries from %s on",
        server.id(),
        term,
        fromIndex);
  }
}
