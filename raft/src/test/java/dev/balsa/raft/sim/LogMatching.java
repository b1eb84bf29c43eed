package dev.balsa.raft.sim;

import dev.balsa.raft.core.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Where two logs ever had an entry of one term at one index, they were alike up to there (thesis
 * figure 3.2).
 */
final class LogMatching extends Check {
  /** For each index, pairs of a term and the digest of every log with an entry of it there. */
  private final List<long[]> known = new ArrayList<>();

  private long first = 1;

  @Override
  void appended(Server server, Entry entry, long chain) {
    long at = entry.index() - first;
    if (at < 0) {
      return; // forgotten: a server far behind
    }
    while (known.size() <= at) {
      known.add(new long[0]);
    }
    long[] pairs = known.get((int) at);
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == entry.term()) {
        require(
            pairs[i + 1] == chain,
            "server %s has %s in a log that differs from another with that entry",
            server.id(),
            entry);
        return;
      }
    }
    long[] more = java.util.Arrays.copyOf(pairs, pairs.length + 2);
    more[pairs.length] = entry.term();
    more[pairs.length + 1] = chain;
    known.set((int) at, more);
  }

  @Override
  void forget(long beforeIndex, long beforeTerm) {
    if (beforeIndex > first + 100) {
      int count = (int) Math.min(known.size(), beforeIndex - first);
      known.subList(0, count).clear();
      first += count;
    }
  }
}
