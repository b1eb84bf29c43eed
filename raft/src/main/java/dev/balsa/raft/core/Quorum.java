package dev.balsa.raft.core;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/** A set of voters, of which any majority decides (thesis 3.3). */
final class Quorum {
  private final long[] voters;
  private final long[] values;

  Quorum(Collection<Long> voters) {
    this.voters = voters.stream().mapToLong(Long::longValue).sorted().distinct().toArray();
    this.values = new long[this.voters.length];
    if (this.voters.length == 0) {
      throw new IllegalArgumentException("a quorum needs voters");
    }
  }

  Quorum(Quorum from) {
    voters = from.voters; // never modified
    values = new long[voters.length];
  }

  int size() {
    return voters.length;
  }

  /**
   * The highest number that a majority has reached: of indices up to which each voter's log agrees,
   * the one that is replicated on a majority.
   */
  long reachedByMajority(LongUnaryOperator valueOf) {
    for (int i = 0; i < voters.length; i++) {
      values[i] = valueOf.applyAsLong(voters[i]);
    }
    Arrays.sort(values);
    return values[(voters.length - 1) / 2];
  }

  /** Whether a majority satisfies a condition. */
  boolean isMajority(LongPredicate condition) {
    int count = 0;
    for (long voter : voters) {
      if (condition.test(voter)) {
        count++;
      }
    }
    return 2 * count > voters.length;
  }
}
