package dev.balsa.bench.sql;

import dev.balsa.bench.sql.SqliteProcess.Sharing;
import java.util.List;

/**
 * What is run.
 *
 * @param cases in order
 * @param rounds of each contender in each case
 * @param roundMillis how long a round is measured
 * @param warmUpMillis how long each contender is warmed up in each case; and so long again and
 *     again in the beginning, until its JVMs hardly compile any more
 * @param nodeArguments more arguments for the JVMs of Balsa's nodes
 */
record SqlPlan(
    List<SqlCase> cases,
    int rounds,
    long roundMillis,
    long warmUpMillis,
    List<String> nodeArguments) {
  /** How long the disk is measured, each way, before each case. */
  static final long DISK_MILLIS = 300;

  /** So many times the warming up in the beginning takes, all contenders together. */
  private static final int FIRST_WARM_UPS = 16;

  /** Takes immutable lists. */
  SqlPlan {
    cases = List.copyOf(cases);
    nodeArguments = List.copyOf(nodeArguments);
  }

  /** How long a round runs before it is measured. */
  long leadInMillis() {
    return roundMillis / 5;
  }

  /** Raft's rounds are shorter: it is the same in all cases. */
  long raftMillis() {
    return Math.max(1, roundMillis / 4);
  }

  /** With one thread there is nothing to share. */
  static List<Sharing> sharings(SqlCase which) {
    return which.threads() == 1 ? List.of(Sharing.SHARED) : List.of(Sharing.values());
  }

  /** About how long it takes. */
  long seconds() {
    long millis = FIRST_WARM_UPS * warmUpMillis;
    for (SqlCase which : cases) {
      long loads = 1L + sharings(which).size();
      millis += 3 * DISK_MILLIS + loads * warmUpMillis;
      millis += rounds * loads * (leadInMillis() + roundMillis);
      millis += rounds * (leadInMillis() / 4 + raftMillis());
    }
    return millis / 1000;
  }
}
