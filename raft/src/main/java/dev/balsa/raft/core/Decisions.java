package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.VoteResponse;

/**
 * The decisions on which Raft's safety hangs, one method each, so that a test can take a wrong one
 * and see whether the simulator notices. The product always takes these.
 */
class Decisions {
  /** The right ones. */
  static final Decisions SOUND = new Decisions();

  /**
   * Whether the node checks its own state after every step. A test that breaks a decision leaves it
   * out: others must notice, from outside.
   */
  boolean checksItself() {
    return true;
  }

  // ---- votes

  /** A vote is durable before it is told (thesis 3.8). */
  void tellVote(NodeState node, long candidate, VoteResponse vote) {
    node.promise(candidate, vote);
  }

  /** The vote given in a term outlives a restart (thesis 3.8). */
  long voteAfterRestart(HardState kept) {
    return kept.votedFor();
  }

  /** Votes go to logs that are at least as up to date as the voter's own (thesis 3.6.1). */
  boolean isUpToDate(RaftLog log, long otherLastIndex, long otherLastTerm) {
    return log.isUpToDate(otherLastIndex, otherLastTerm);
  }

  /** A candidate counts its own vote, and asks for others', only once that is durable. */
  boolean standsBeforeDurable() {
    return false;
  }

  /** Whether a leader was heard so lately that no other gets a vote (thesis 4.2.3, 6.4.1). */
  boolean isSticky(int ticksSinceLeader, int electionTimeoutTicks) {
    return ticksSinceLeader < electionTimeoutTicks;
  }

  /** With leases on, a restarted node may have heard a leader just before it went down. */
  int ticksSinceLeaderAtStart(CoreConfig config) {
    return config.leaseTicks() > 0 ? 0 : config.electionTimeoutTicks();
  }

  // ---- the log

  /** A log takes entries only after one that agrees with the leader's (thesis 3.5). */
  boolean agrees(RaftLog log, long prevIndex, long prevTerm) {
    return log.matches(prevIndex, prevTerm);
  }

  /** Entries that are there already are skipped: a late request must not undo later ones. */
  boolean skips(RaftLog log, Entry entry) {
    return log.matches(entry.index(), entry.term());
  }

  /** What is committed is never removed (thesis 3.6.3). */
  void checkRemovable(long index, long committed) {
    Invariant.check(index > committed, "removal of entry %s, committed are %s", index, committed);
  }

  /** That entries are there is told once they are durable (thesis 3.8). */
  void tellAccepted(NodeState node, long leader, AppendAccepted accepted) {
    node.promise(leader, accepted);
  }

  /** What a pending write makes durable at most, once entries from that index on are superseded. */
  long worthAfterTruncation(long writeLastIndex, long fromIndex) {
    return Math.min(writeLastIndex, fromIndex - 1);
  }

  // ---- commitment

  /** A leader's own copy counts once it is durable (thesis 10.2.1). */
  long ownCopy(RaftLog log) {
    return log.durable();
  }

  /** An entry may be committed once a majority has it durably (thesis 3.5). */
  long agreed(long byMajority, long byLeader) {
    return byMajority;
  }

  /** Only entries of the leader's own term are committed by counting (thesis 3.6.2). */
  boolean mayCommit(long agreed, long firstOwnIndex) {
    return agreed >= firstOwnIndex;
  }

  /** A heartbeat tells a follower of no commitment beyond what that is known to have. */
  long commitIndexFor(long matchIndex, long committed) {
    return Math.min(matchIndex, committed);
  }

  /** A heartbeat tells no more than what this node has promised to have. */
  long commitIndexOf(long told, long lastIndex) {
    Invariant.check(
        told <= lastIndex,
        "the leader says that entry %s is here; the log ends at %s",
        told,
        lastIndex);
    return told;
  }

  /** The state machine is given what is committed, and durable here. */
  long mayHandOver(long committed, long durable) {
    return Math.min(committed, durable);
  }

  // ---- reads

  /** A leader knows what is committed once it has committed an entry of its own (thesis 6.4). */
  boolean mayRead(boolean established) {
    return established;
  }

  /** An answer proves leadership at the beginning of the round that it answers (thesis 6.4). */
  long provedRound(long answeredRound, long newestRound) {
    return answeredRound;
  }

  /** A lease counts from when its round began (thesis 6.4.1). */
  long leaseBegins(long roundBeganTick, long nowTick) {
    return roundBeganTick;
  }

  /** The lease is given up before anybody is told to stand (thesis 6.4.1). */
  void beforeTimeoutNow(LeaderReads reads) {
    reads.forfeitLease();
  }

  /** Time that was not counted ends a lease. */
  void timeLost(Lease lease) {
    lease.begunRoundsAreVoid();
  }

  // ---- membership

  /** A configuration decides as soon as it is in the log (thesis 4.1). */
  Configuration deciding(Configurations configurations, long self) {
    return configurations.latest().configuration();
  }

  /** A configuration that is truncated decides no more (thesis 4.1). */
  void truncate(Configurations configurations, long fromIndex) {
    configurations.truncateFrom(fromIndex);
  }

  /** In a joint configuration both majorities must agree (thesis 4.3). */
  boolean agree(boolean incoming, boolean outgoing) {
    return incoming && outgoing;
  }

  /** In a joint configuration both majorities must have it (thesis 4.3). */
  long reached(long incoming, long outgoing) {
    return Math.min(incoming, outgoing);
  }

  /** Another change, or the next half of one, waits until the configuration is committed. */
  boolean mayFollow(boolean committed) {
    return committed;
  }

  // ---- snapshots

  /** A snapshot stands for the configuration at its index too (thesis 5.1). */
  Configuration inSnapshot(Configurations configurations, long index) {
    return configurations.at(index).configuration();
  }

  /** A snapshot is not needed where the log has the entry at its end, of its term (thesis 5.3). */
  boolean holds(RaftLog log, SnapshotMark mark) {
    return log.matches(mark.index(), mark.term());
  }
}
