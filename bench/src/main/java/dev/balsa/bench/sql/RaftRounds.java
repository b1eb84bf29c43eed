package dev.balsa.bench.sql;

import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.load.LoadReport;
import dev.balsa.bench.raft.Cluster;

/** Raft alone with one entry in flight; a round that is lost is repeated. */
final class RaftRounds {
  private static final int LOST_MAX = 10;

  private final Cluster cluster;
  private int lost;

  RaftRounds(Cluster cluster) {
    this.cluster = cluster;
  }

  Cluster cluster() {
    return cluster;
  }

  LoadReport load(long leadInMillis, long millis) throws InterruptedException, RunFailedException {
    while (true) {
      try {
        return cluster.load(1, leadInMillis, millis);
      } catch (Cluster.LostException e) {
        lost++;
        if (lost > LOST_MAX) {
          throw new RunFailedException("raft: " + lost + " rounds were lost: " + e.getMessage());
        }
      }
    }
  }
}
