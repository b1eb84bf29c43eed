package dev.balsa.raft.sim;

/** Term, commit index and applied index never fall, and keep their order. */
final class Monotonicity extends Check {
  private final long[] terms = new long[Setup.SERVERS_MAX + 1];
  private final long[] committed = new long[Setup.SERVERS_MAX + 1];
  private final long[] applied = new long[Setup.SERVERS_MAX + 1];

  @Override
  void started(Server server) {
    int id = (int) server.id();
    terms[id] = server.disk().hardState().term();
    committed[id] = 0;
    applied[id] = 0;
  }

  @Override
  void stepped(Server server) {
    int id = (int) server.id();
    dev.balsa.raft.core.Raft raft = server.raft();
    long term = server.leadership().term();
    require(
        term >= terms[id]
            && raft.committedIndex() >= committed[id]
            && raft.appliedIndex() >= applied[id],
        "server %s: term %s after %s, committed %s after %s, applied %s after %s",
        server.id(),
        term,
        terms[id],
        raft.committedIndex(),
        committed[id],
        raft.appliedIndex(),
        applied[id]);
    require(
        raft.firstIndex() - 1 <= raft.committedIndex()
            && raft.appliedIndex() <= raft.committedIndex()
            && raft.committedIndex() <= raft.lastIndex(),
        "server %s: first %s, applied %s, committed %s, last %s",
        server.id(),
        raft.firstIndex(),
        raft.appliedIndex(),
        raft.committedIndex(),
        raft.lastIndex());
    terms[id] = term;
    committed[id] = raft.committedIndex();
    applied[id] = raft.appliedIndex();
  }
}
