package dev.balsa.raft.core;

import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/**
 * Who belongs to the cluster, and what its decisions need. All questions about majorities go
 * through here and none through a number of nodes, because during a joint configuration (thesis
 * 4.3) an answer needs two majorities: the lower of two {@link #reached} and both {@link #decides}.
 */
final class Membership {
  private final long self;
  private final long[] peers;
  private final Quorum voters;

  Membership(long self, Set<Long> voters) {
    this.self = self;
    this.voters = new Quorum(voters);
    this.peers = voters.stream().mapToLong(Long::longValue).filter(id -> id != self).toArray();
  }

  /** All other members, ascending. Not to be modified. */
  long[] peers() {
    return peers;
  }

  boolean isPeer(long id) {
    for (long peer : peers) {
      if (peer == id) {
        return true;
      }
    }
    return false;
  }

  /** Whether this node decides alone. */
  boolean isAlone() {
    return voters.size() == 1 && decides(id -> id == self);
  }

  /** The highest number that enough voters have reached. */
  long reached(LongUnaryOperator valueOf) {
    return voters.reachedByMajority(valueOf);
  }

  /** Whether those who satisfy a condition are enough to decide. */
  boolean decides(LongPredicate condition) {
    return voters.isMajority(condition);
  }

  /** Whether those who satisfy a condition are enough that no others can decide. */
  boolean blocks(LongPredicate condition) {
    return !voters.isMajority(condition.negate());
  }
}
