package dev.balsa.bench.sql;

import dev.balsa.bench.load.ForceDelay;
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
 * @param forceMicros how much longer each force takes, by waiting; 0 for as long as it takes
 */
record SqlPlan(
    List<SqlCase> cases,
    int rounds,
    long roundMillis,
    long warmUpMillis,
    List<String> nodeArguments,
    long forceMicros) {
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

  /** Arguments of all processes' JVMs. */
  List<String> arguments() {
    return forceMicros == 0 ? List.of() : List.of(ForceDelay.toArgument(forceMicros));
  }

  /**
   * The ways in which plain SQLite is used. With one thread there is nothing to share; and where
   * forces take longer, connections of their own would wait for theirs side by side, after SQLite
   * has given up its lock, which no disk lets them.
   */
  List<Sharing> sharings(SqlCase which) {
    return which.threads() == 1 || (which.writes() && forceMicros > 0)
        ? List.of(Sharing.SHARED)
        : List.of(Sharing.values());
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
