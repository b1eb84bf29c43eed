package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.TraceSink.Transition;

/**
 * Appends what is proposed, brings the others' logs up to its own, and commits what a quorum has
 * durably (thesis 3.5, 3.6).
 *
 * <p>It replicates an entry while its own disk still writes it (thesis 10.2.1): its own copy counts
 * towards the quorum once it is durable, like every other.
 */
final class Leader extends RoleState {
  private final Peer[] peers;
  private final ReadQueue reads = new ReadQueue();
  private final ByteWindow uncommitted = new ByteWindow();
  private final long firstOwnIndex;
  private boolean established;
  private long round;
  private int ticksSinceHeartbeat;
  private int ticksSinceQuorumCheck;

  Leader(NodeState node) {
    super(node);
    firstOwnIndex = node.log.lastIndex() + 1;
    long[] ids = node.membership.peers();
    peers = new Peer[ids.length];
    for (int i = 0; i < ids.length; i++) {
      peers[i] = new Peer(node, ids[i]);
    }
  }

  @Override
  Role role() {
    return Role.LEADER;
  }

  @Override
  long leaderId() {
    return node.id();
  }

  @Override
  boolean isEstablished() {
    return established;
  }

  /** A leader that is heard by no quorum steps down by itself, see {@link #checkQuorum}. */
  @Override
  boolean hearsLeader() {
    return true;
  }

  void begin() {
    byte[] payload =
        firstOwnIndex == 1 ? ClusterId.encode(node.config.newClusterId()) : new byte[0];
    append(new Entry(firstOwnIndex, node.term(), EntryType.NO_OP, payload));
  }

  private void append(Entry entry) {
    node.append(entry);
    uncommitted.add(entry.index(), Limits.bytesOf(entry));
  }

  @Override
  void proposed(Input.Proposed proposed) {
    if (proposed.expectedTerm() != node.term()) {
      node.emit(new Effect.ProposalRefused(proposed.proposal(), Refusal.WRONG_TERM));
    } else if (uncommitted.bytes() >= node.config.limits().uncommittedBytesMax()) {
      node.emit(new Effect.ProposalRefused(proposed.proposal(), Refusal.OVERLOADED));
    } else {
      long index = node.log.lastIndex() + 1;
      append(new Entry(index, node.term(), EntryType.COMMAND, proposed.payload()));
      node.emit(new Effect.ProposalAppended(proposed.proposal(), index, node.term()));
    }
  }

  @Override
  void readRequested(long read) {
    if (!established) {
      node.emit(new Effect.ReadRefused(read, Refusal.NOT_ESTABLISHED));
    } else if (node.membership.isAlone()) {
      node.emit(new Effect.ReadReady(read, node.log.committed()));
    } else {
      reads.add(read, node.log.committed());
    }
  }

  @Override
  void tick() {
    ticksSinceQuorumCheck++;
    if (ticksSinceQuorumCheck >= node.config.electionTimeoutTicks()) {
      ticksSinceQuorumCheck = 0;
      if (!checkQuorum()) {
        node.becomeFollower(node.term(), 0);
        return;
      }
    }
    ticksSinceHeartbeat++;
    if (ticksSinceHeartbeat >= node.config.heartbeatTicks()) {
      ticksSinceHeartbeat = 0;
      for (Peer peer : peers) {
        peer.suspectLoss();
      }
      beginRound();
    }
  }

  /**
   * Whether a quorum has been heard since the last check. If not, others may have elected another
   * leader, and clients should not wait for this one (thesis 6.2).
   */
  private boolean checkQuorum() {
    boolean enough = node.membership.decides(id -> id == node.id() || peer(id).isHeard());
    for (Peer peer : peers) {
      peer.forgetHeard();
    }
    return enough;
  }

  private void beginRound() {
    round++;
    reads.roundBegins(round);
    for (Peer peer : peers) {
      peer.heartbeat(round);
    }
  }

  @Override
  void appendAccepted(long from, AppendAccepted message) {
    peer(from).accepted(message);
  }

  @Override
  void appendRejected(long from, AppendRejected message) {
    peer(from).rejected(message);
  }

  @Override
  void heartbeatResponse(long from, HeartbeatResponse message) {
    Invariant.check(
        message.round() <= round, "node %s answers round %s of %s", from, message.round(), round);
    peer(from).answered(message);
    long proved = node.membership.reached(id -> id == node.id() ? round : peer(id).answeredRound());
    for (ReadQueue.Read read : reads.roundProved(proved)) {
      node.emit(new Effect.ReadReady(read.number(), read.index()));
    }
  }

  @Override
  void finishStep() {
    commit();
    if (reads.wantsRound()) {
      beginRound();
    }
    for (Peer peer : peers) {
      peer.replicate(round);
    }
  }

  /**
   * Commits what a quorum has durably, if it is of this term; what comes before it is committed
   * with it. An entry of an older term is not committed by its copies alone: even one that a quorum
   * has can still be overwritten (thesis 3.6.2, figure 3.7).
   */
  private void commit() {
    long agreed =
        node.membership.reached(id -> id == node.id() ? node.log.durable() : peer(id).matchIndex());
    if (agreed >= firstOwnIndex && agreed > node.log.committed()) {
      Invariant.check(
          node.log.termAt(agreed) == node.term(), "commit of index %s of an older term", agreed);
      node.commitTo(agreed);
      uncommitted.settle(agreed);
    }
    node.handOver();
    if (!established && node.log.handed() >= firstOwnIndex) {
      established = true;
      node.trace.transition(new Transition.Established(node.term(), firstOwnIndex));
      node.emit(new Effect.LeadershipChanged(node.leadership()));
    }
  }

  @Override
  void leave() {
    for (ReadQueue.Read read : reads.drain()) {
      node.emit(new Effect.ReadRefused(read.number(), Refusal.NOT_LEADER));
    }
  }

  @Override
  void check() {
    for (Peer peer : peers) {
      peer.check();
    }
  }

  private Peer peer(long id) {
    for (Peer peer : peers) {
      if (peer.id() == id) {
        return peer;
      }
    }
    throw new InvariantViolation("node " + id + " is no peer");
  }
}
