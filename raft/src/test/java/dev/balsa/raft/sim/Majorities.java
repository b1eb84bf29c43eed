package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import java.util.SortedSet;
import java.util.function.LongPredicate;

/** Arithmetic of majorities, written down a second time, plainly. */
final class Majorities {
  private Majorities() {}

  /** Whether those who satisfy a condition are a majority of the voters, of both kinds if joint. */
  static boolean decides(Configuration configuration, LongPredicate condition) {
    return majority(configuration.voters(), condition)
        && (!configuration.isJoint() || majority(configuration.outgoingVoters(), condition));
  }

  private static boolean majority(SortedSet<Long> voters, LongPredicate condition) {
    int count = 0;
    for (long voter : voters) {
      count += condition.test(voter) ? 1 : 0;
    }
    return 2 * count > voters.size();
  }

  /** Whether a majority of one and a majority of the other could have no server in common. */
  static boolean canBeDisjoint(Configuration one, Configuration other) {
    if (one.members().isEmpty() || other.members().isEmpty()) {
      return false;
    }
    for (int set = 0; set < 1 << Setup.SERVERS_MAX; set++) {
      int chosen = set;
      if (decides(one, id -> (chosen >>> (id - 1) & 1) != 0)
          && decides(other, id -> (chosen >>> (id - 1) & 1) == 0)) {
        return true;
      }
    }
    return false;
  }
}
