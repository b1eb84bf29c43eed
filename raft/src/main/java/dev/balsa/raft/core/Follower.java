package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import java.util.List;

/** Takes what the leader sends, or waits for one (thesis 3.4, 3.5). */
final class Follower extends RoleState {
  private final long leaderId;
  private final ElectionTimer timer;

  /**
   * Newest round of heartbeats answered. A heartbeat that repeats it only brings news of what is
   * committed; a second answer would tell the leader nothing. (If the first was lost, the leader's
   * next round makes up for it, as for any heartbeat.)
   */
  private long answeredRound = -1;

  Follower(NodeState node, long leaderId) {
    super(node);
    this.leaderId = leaderId;
    this.timer = node.newElectionTimer();
  }

  @Override
  Role role() {
    return Role.FOLLOWER;
  }

  @Override
  long leaderId() {
    return leaderId;
  }

  @Override
  boolean hearsLeader() {
    return leaderId != 0 && timer.elapsedTicks() < node.config.electionTimeoutTicks();
  }

  @Override
  void tick() {
    if (timer.tick()) {
      node.becomePreCandidate();
    }
  }

  @Override
  void voted() {
    timer.reset();
  }

  void heartbeat(Heartbeat message) {
    timer.reset();
    // The leader tells no more than what this node has promised to have.
    Invariant.check(
        message.committed() <= node.log.lastIndex(),
        "leader %s says that entry %s is here; the log ends at %s",
        leaderId,
        message.committed(),
        node.log.lastIndex());
    node.commitTo(message.committed());
    if (message.round() > answeredRound) {
      answeredRound = message.round();
      node.send(leaderId, new HeartbeatResponse(node.term(), answeredRound));
    }
  }

  void appendRequest(AppendRequest message) {
    timer.reset();
    RaftLog log = node.log;
    boolean agrees = log.matches(message.prevIndex(), message.prevTerm());
    if (!agrees) {
      checkUncommitted(message.prevIndex());
      reject(message);
      return;
    }
    appendNew(message.entries());
    node.commitTo(Math.min(message.committed(), message.lastIndex()));
    long match = Math.max(message.lastIndex(), log.committed());
    node.promise(leaderId, new AppendAccepted(node.term(), match));
  }

  /** Skips the entries that are there already: a late or repeated request must not undo any. */
  private void appendNew(List<Entry> entries) {
    for (Entry entry : entries) {
      if (node.log.matches(entry.index(), entry.term())) {
        continue;
      }
      if (entry.index() <= node.log.lastIndex()) {
        checkUncommitted(entry.index());
        node.truncateFrom(entry.index());
      }
      node.append(entry);
    }
  }

  /** The logs differ there. What is committed is in every leader's log (thesis 3.6.3). */
  private void checkUncommitted(long index) {
    Invariant.check(
        index > node.log.committed(),
        "the log of leader %s in term %s has not the entry %s, which is committed",
        leaderId,
        node.term(),
        index);
  }

  /**
   * Tells where the logs may agree: above that, this log's terms are newer than the term that the
   * leader's log has there, so that all of them differ.
   */
  private void reject(AppendRequest message) {
    long hintIndex = node.log.lastIndexWithTermAtMost(message.prevIndex(), message.prevTerm());
    node.send(
        leaderId,
        new AppendRejected(
            node.term(), message.prevIndex(), hintIndex, node.log.termAt(hintIndex)));
  }
}
