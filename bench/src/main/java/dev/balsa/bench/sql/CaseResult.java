package dev.balsa.bench.sql;

import java.util.List;
import java.util.Locale;

/**
 * What a case came to.
 *
 * @param ours operations a second, of Balsa
 * @param local operations a second, of plain SQLite, as its threads did better
 * @param raft entries a second, of Balsa's Raft with one in flight
 * @param sentBytes what the leader sent to each follower for a transaction, or a read
 * @param gaps the longest, and all that were long
 */
record CaseResult(
    SqlCase which, double ours, double local, double raft, double sentBytes, List<GapStory> gaps) {
  /** Takes an immutable list. */
  CaseResult {
    gaps = List.copyOf(gaps);
  }

  /** The line for scripts. */
  String toLine() {
    return String.format(
        Locale.ROOT,
        "SQL case=%s ours=%.0f sqlite_local=%.0f raft_w1=%.0f ratio=%.3f",
        which.label(),
        ours,
        local,
        raft,
        ours / local);
  }
}
