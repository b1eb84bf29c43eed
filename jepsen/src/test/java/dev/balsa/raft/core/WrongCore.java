package dev.balsa.raft.core;

import java.util.random.RandomGenerator;

/** Cores of which one decision is wrong, for nodes that the harness must find out. */
public enum WrongCore {
  /** What the leader alone has durably counts as committed. */
  COMMITS_ON_ONE_ACKNOWLEDGEMENT(
      new Decisions() {
        @Override
        long agreed(long byMajority, long byLeader) {
          return Math.max(byMajority, byLeader);
        }

        @Override
        boolean checksItself() {
          return false;
        }
      }),

  /** An entry of an older term is committed by counting copies (thesis 3.6.2). */
  COMMITS_OLD_TERMS_BY_COUNTING(
      new Decisions() {
        @Override
        boolean mayCommit(long agreed, long firstOwnIndex) {
          return true;
        }

        @Override
        boolean checksItself() {
          return false;
        }
      }),

  /** A lease that was once held is held for hours, also over time in which the node stood still. */
  HOLDS_LEASES_TOO_LONG(
      new Decisions() {
        @Override
        long leaseBegins(long roundBeganTick, long nowTick) {
          return nowTick + 1_000_000;
        }

        @Override
        void timeLost(Lease lease) {}

        @Override
        boolean checksItself() {
          return false;
        }
      });

  @SuppressWarnings("ImmutableEnumChecker") // has no fields
  private final Decisions decisions;

  WrongCore(Decisions decisions) {
    this.decisions = decisions;
  }

  /** Makes one; see {@link Raft}. */
  public Raft create(
      CoreConfig config,
      HardState hardState,
      LogExtent extent,
      long applied,
      EntrySource durableEntries,
      RandomGenerator random,
      TraceSink trace) {
    return new Raft(config, hardState, extent, applied, durableEntries, random, trace, decisions);
  }
}
