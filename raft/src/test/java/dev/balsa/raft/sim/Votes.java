package dev.balsa.raft.sim;

import java.util.TreeMap;

/** Who voted for whom, by what was sent. */
final class Votes {
  private final TreeMap<Long, long[]> byTerm = new TreeMap<>();

  /** Notes a vote; answers with an earlier one of the same voter in that term, 0 if none. */
  long note(long term, long voter, long candidate) {
    long[] votes = byTerm.computeIfAbsent(term, t -> new long[Setup.SERVERS_MAX + 1]);
    long before = votes[(int) voter];
    if (before == 0) {
      votes[(int) voter] = candidate;
    }
    return before;
  }

  /** The vote of a server in a term, 0 if it gave none. */
  long of(long term, long voter) {
    long[] votes = byTerm.get(term);
    return votes == null ? 0 : votes[(int) voter];
  }

  void forgetBefore(long term) {
    byTerm.headMap(term).clear();
  }
}
