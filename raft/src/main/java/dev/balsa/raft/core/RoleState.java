package dev.balsa.raft.core;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.ReadRequest;
import dev.balsa.raft.core.Message.ReadResponse;
import dev.balsa.raft.core.Message.SnapshotStatus;
import dev.balsa.raft.core.Message.VoteResponse;

/**
 * What a node does in one role. Messages arrive here in the node's own term, but for a granted
 * pre-vote, which is about the next; a role that has no use for a message ignores it, since it was
 * meant for what the node was before.
 */
abstract sealed class RoleState permits Follower, PreCandidate, Candidate, Leader {
  final NodeState node;

  RoleState(NodeState node) {
    this.node = node;
  }

  /** The same for a node that is a copy of this role's. */
  abstract RoleState copy(NodeState copied);

  /** All on which what this role does depends, beside the node's state. */
  abstract void describe(StateSink sink);

  abstract Role role();

  /** The leader of the node's term, 0 if none is known. */
  long leaderId() {
    return 0;
  }

  /** On a leader: whether an entry of its term is committed and handed over. */
  boolean isEstablished() {
    return false;
  }

  abstract void tick();

  /** The node gave its vote to another, and now waits for that one. */
  void voted() {
    node.becomeFollower(node.term(), 0);
  }

  void preVoteResponse(long from, PreVoteResponse message) {}

  void voteResponse(long from, VoteResponse message) {}

  void appendAccepted(long from, AppendAccepted message) {}

  void appendRejected(long from, AppendRejected message) {}

  void heartbeatResponse(long from, HeartbeatResponse message) {}

  void readRequest(long from, ReadRequest message) {}

  void readResponse(long from, ReadResponse message) {}

  void proposed(Input.Proposed proposed) {
    node.emit(new Effect.ProposalRefused(proposed.proposal(), Refusal.NOT_LEADER));
  }

  void configurationProposed(Input.ConfigurationProposed proposed) {
    node.emit(new Effect.ProposalRefused(proposed.proposal(), Refusal.NOT_LEADER));
  }

  void transferRequested(Input.TransferRequested request) {
    node.emit(new Effect.TransferRefused(request.transfer(), Refusal.NOT_LEADER));
  }

  void leaseReadRequested(long read) {
    readRequested(read);
  }

  /** As {@link #readRequested}, but a follower asks its leader. */
  void leaderReadRequested(long read) {
    readRequested(read);
  }

  void readRequested(long read) {
    node.emit(new Effect.ReadRefused(read, Refusal.NOT_LEADER));
  }

  /** All writes up to that number are durable; the log knows already. */
  void durable(long write) {}

  /** More time has passed than was counted. */
  void timeLost() {}

  /** There is no room for the log, or there is again. */
  void storageChanged() {}

  /** Another configuration is in force. */
  void configurationChanged() {}

  void snapshotStatus(long from, SnapshotStatus message) {}

  void snapshotChunkRead(Input.SnapshotChunkRead read) {}

  void snapshotReadFailed(Input.SnapshotReadFailed failed) {}

  /** This node has learned that it may not stand for election. */
  void mayNotCampaign() {}

  /** A node that is perhaps no member asks for a pre-vote, or whether it is one. */
  void askedBy(long from) {}

  /** The index up to which the log may go: others may need what comes after it. */
  long logNeededFrom() {
    return Long.MAX_VALUE;
  }

  /** The step's inputs are all taken; what they call for together is done now. */
  void finishStep() {}

  /** Up to which index this role will hardly send entries again. */
  long sentTo() {
    return Long.MAX_VALUE;
  }

  /** The node is about to take another role. */
  void leave() {}

  /** What this role checks of itself after every step. */
  void check() {}
}
