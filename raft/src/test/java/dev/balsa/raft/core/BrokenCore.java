package dev.balsa.raft.core;

import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.VoteResponse;
import dev.balsa.raft.sim.Cores;

/**
 * Cores of which one decision is wrong, each a mistake that has been made in implementations of
 * Raft, or easily could be. The simulator is as good as what it finds of these.
 */
public enum BrokenCore {
  VOTE_NOT_PERSISTED(
      "a vote is told before it is durable",
      new Decisions() {
        @Override
        void tellVote(NodeState node, long candidate, VoteResponse vote) {
          node.send(candidate, vote);
        }
      }),
  SECOND_VOTE_AFTER_RESTART(
      "the vote given in a term is forgotten by a restart",
      new Decisions() {
        @Override
        long voteAfterRestart(HardState kept) {
          return 0;
        }
      }),
  NO_UP_TO_DATE_CHECK(
      "votes go to candidates whose log is behind",
      new Decisions() {
        @Override
        boolean isUpToDate(RaftLog log, long otherLastIndex, long otherLastTerm) {
          return true;
        }
      }),
  OWN_VOTE_BEFORE_DURABLE(
      "a candidate asks, and counts its own vote, before that is durable",
      new Decisions() {
        @Override
        boolean standsBeforeDurable() {
          return true;
        }
      }),
  NO_STICKINESS(
      "with leases, votes are given although a leader was just heard",
      new Decisions() {
        @Override
        boolean isSticky(int ticksSinceLeader, int electionTimeoutTicks) {
          return false;
        }
      }),
  RESTARTED_NODE_VOTES_AT_ONCE(
      "with leases, a restarted node votes at once",
      new Decisions() {
        @Override
        int ticksSinceLeaderAtStart(CoreConfig config) {
          return config.electionTimeoutTicks();
        }
      }),
  NO_CONSISTENCY_CHECK(
      "entries are appended after one of another term than the leader's",
      new Decisions() {
        @Override
        boolean agrees(RaftLog log, long prevIndex, long prevTerm) {
          return prevIndex <= log.lastIndex();
        }
      }),
  TRUNCATES_BELOW_COMMIT(
      "a late request removes entries that came after its own, committed or not",
      new Decisions() {
        @Override
        boolean skips(RaftLog log, Entry entry) {
          return false;
        }

        @Override
        void checkRemovable(long index, long committed) {}

        @Override
        boolean checksItself() {
          return false;
        }
      }),
  ACKNOWLEDGED_BEFORE_DURABLE(
      "a follower tells that it has entries before they are durable",
      new Decisions() {
        @Override
        void tellAccepted(NodeState node, long leader, AppendAccepted accepted) {
          node.send(leader, accepted);
        }
      }),
  STALE_ACKNOWLEDGEMENT(
      "that an entry is durable is taken for the one that has superseded it (ABA)",
      new Decisions() {
        @Override
        long worthAfterTruncation(long writeLastIndex, long fromIndex) {
          return writeLastIndex;
        }
      }),
  OWN_COPY_BEFORE_DURABLE(
      "a leader counts its own copy before it is durable",
      new Decisions() {
        @Override
        long ownCopy(RaftLog log) {
          return log.lastIndex();
        }
      }),
  OLD_TERM_COMMITTED_BY_COUNTING(
      "an entry of an older term is committed by counting copies",
      new Decisions() {
        @Override
        boolean mayCommit(long agreed, long firstOwnIndex) {
          return true;
        }
      }),
  COMMIT_BEYOND_MATCH(
      "a heartbeat commits what the follower has at those indices, whether it matches or not",
      new Decisions() {
        @Override
        long commitIndexFor(long matchIndex, long committed) {
          return committed;
        }

        @Override
        long commitIndexOf(long told, long lastIndex) {
          return Math.min(told, lastIndex);
        }
      }),
  HANDED_OVER_BEFORE_COMMIT(
      "the state machine is given what is durable, committed or not",
      new Decisions() {
        @Override
        long mayHandOver(long committed, long durable) {
          return durable;
        }

        @Override
        boolean checksItself() {
          return false;
        }
      }),
  READ_BEFORE_NO_OP(
      "a leader answers reads before it has committed an entry of its term",
      new Decisions() {
        @Override
        boolean mayRead(boolean established) {
          return true;
        }
      }),
  LATE_ROUND_COUNTS_AS_NEWEST(
      "an answer to an earlier round of heartbeats counts for a later read",
      new Decisions() {
        @Override
        long provedRound(long answeredRound, long newestRound) {
          return newestRound;
        }
      }),
  LEASE_FROM_ANSWER(
      "a lease counts from the answers to its round instead of from its beginning",
      new Decisions() {
        @Override
        long leaseBegins(long roundBeganTick, long nowTick) {
          return nowTick;
        }
      }),
  LEASE_DURING_TRANSFER(
      "the lease is kept while leadership is transferred",
      new Decisions() {
        @Override
        void beforeTimeoutNow(LeaderReads reads) {}
      }),
  LEASE_AFTER_LOST_TIME(
      "the lease is kept over time in which the process stood still",
      new Decisions() {
        @Override
        void timeLost(Lease lease) {}
      }),
  OLD_CONFIGURATION_DECIDES(
      "a configuration decides only once it is committed",
      new Decisions() {
        @Override
        Configuration deciding(Configurations configurations, long self) {
          return configurations.latest().index() <= configurations.base().index()
              ? super.deciding(configurations, self)
              : configurations.at(configurations.latest().index() - 1).configuration();
        }
      }),
  CONFIGURATION_OUTLIVES_TRUNCATION(
      "a configuration stays in force when its entry is removed",
      new Decisions() {
        @Override
        void truncate(Configurations configurations, long fromIndex) {}
      }),
  SINGLE_MAJORITY_IN_JOINT(
      "in a joint configuration the new majority alone decides",
      new Decisions() {
        @Override
        boolean agree(boolean incoming, boolean outgoing) {
          return incoming;
        }

        @Override
        long reached(long incoming, long outgoing) {
          return incoming;
        }
      }),
  CHANGE_BEFORE_COMMIT(
      "a configuration follows on one that is not committed yet",
      new Decisions() {
        @Override
        boolean mayFollow(boolean committed) {
          return true;
        }
      }),
  NON_VOTER_COUNTS_ITSELF(
      "a leader counts itself although it is no voter",
      new Decisions() {
        @Override
        Configuration deciding(Configurations configurations, long self) {
          Configuration latest = super.deciding(configurations, self);
          return latest.members().containsKey(self) || latest.members().isEmpty()
              ? latest
              : latest.with(self, MemberRole.VOTER);
        }
      }),
  SNAPSHOT_WITHOUT_CONFIGURATION(
      "a snapshot carries the configuration that the log began with",
      new Decisions() {
        @Override
        Configuration inSnapshot(Configurations configurations, long index) {
          return configurations.base().configuration();
        }
      }),
  TAIL_OUTLIVES_SNAPSHOT(
      "a log that is longer than a snapshot is kept, whatever entry it has at its end",
      new Decisions() {
        @Override
        boolean holds(RaftLog log, SnapshotMark mark) {
          return mark.index() <= log.lastIndex();
        }
      });

  private final String mistake;

  @SuppressWarnings("ImmutableEnumChecker") // has no fields
  private final Decisions decisions;

  BrokenCore(String mistake, Decisions decisions) {
    this.mistake = mistake;
    this.decisions = decisions;
  }

  /** What is wrong with it. */
  public String mistake() {
    return mistake;
  }

  /** Makes such cores. */
  public Cores cores() {
    return (config, hardState, extent, applied, durableEntries, random, trace) ->
        new Raft(config, hardState, extent, applied, durableEntries, random, trace, decisions);
  }
}
