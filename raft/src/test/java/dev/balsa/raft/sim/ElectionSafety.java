package dev.balsa.raft.sim;

import java.util.TreeMap;

/** At most one leader a term (thesis figure 3.2). */
final class ElectionSafety extends Check {
  private final TreeMap<Long, Long> leaders = new TreeMap<>();

  @Override
  void leads(Server server, long term) {
    Long other = leaders.putIfAbsent(term, server.id());
    require(
        other == null || other == server.id(),
        "servers %s and %s both lead in term %s",
        other,
        server.id(),
        term);
  }

  @Override
  void forget(long beforeIndex, long beforeTerm) {
    leaders.headMap(beforeTerm).clear();
  }
}
