package dev.balsa.raft.core;

import java.util.Collection;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the decisions of a cluster need, in one configuration. All questions about majorities go
 * through here and none through a number of nodes, because in a joint configuration (thesis 4.3) an
 * answer needs two majorities: the lower of two {@link #reached} and both {@link #decides}.
 */
final class Membership {
  private final Configuration configuration;
  private final @Nullable Quorum voters;
  private final @Nullable Quorum outgoing;
  private final long[] nodes;
  private final Decisions decisions;

  Membership(Configuration configuration, Decisions decisions) {
    this.configuration = configuration;
    this.decisions = decisions;
    this.voters = quorum(configuration.voters());
    this.outgoing = quorum(configuration.outgoingVoters());
    this.nodes = configuration.nodes().stream().mapToLong(Long::longValue).toArray();
  }

  Membership(Membership from) {
    configuration = from.configuration;
    decisions = from.decisions;
    voters = from.voters == null ? null : new Quorum(from.voters);
    outgoing = from.outgoing == null ? null : new Quorum(from.outgoing);
    nodes = from.nodes; // never modified
  }

  private static @Nullable Quorum quorum(Collection<Long> ids) {
    return ids.isEmpty() ? null : new Quorum(ids);
  }

  Configuration configuration() {
    return configuration;
  }

  /** All nodes concerned, this one perhaps among them, ascending. Not to be modified. */
  long[] nodes() {
    return nodes;
  }

  boolean isVoter(long id) {
    return configuration.isVoter(id);
  }

  /** Whether that node decides alone. */
  boolean isAlone(long id) {
    return voters != null && outgoing == null && voters.size() == 1 && isVoter(id);
  }

  /** The highest number that enough voters have reached; 0 if nobody votes. */
  long reached(LongUnaryOperator valueOf) {
    if (voters == null) {
      return 0;
    }
    long reached = voters.reachedByMajority(valueOf);
    return outgoing == null
        ? reached
        : decisions.reached(reached, outgoing.reachedByMajority(valueOf));
  }

  /** Whether those who satisfy a condition are enough to decide. */
  boolean decides(LongPredicate condition) {
    if (voters == null) {
      return false;
    }
    boolean agreed = voters.isMajority(condition);
    return outgoing == null ? agreed : decisions.agree(agreed, outgoing.isMajority(condition));
  }

  /** Whether those who satisfy a condition are enough that no others can decide. */
  boolean blocks(LongPredicate condition) {
    return !decides(condition.negate());
  }
}
