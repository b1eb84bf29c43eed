package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.ReadRequest;
import dev.balsa.raft.core.Message.ReadResponse;
import dev.balsa.raft.core.Message.SnapshotStatus;
import dev.balsa.raft.core.TraceSink.Transition;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Appends what is proposed, brings the others' logs up to its own, and commits what a quorum has
 * durably (thesis 3.5, 3.6).
 *
 * <p>It replicates an entry while its own disk still writes it (thesis 10.2.1): its own copy counts
 * towards the quorum once it is durable, like every other, and only while it is a voter itself.
 */
final class Leader extends RoleState {
  private final long ledTerm;
  private final Peers peers;
  private final LeaderReads reads;
  private final MembershipChange change;
  private final LeadershipTransfer transfer;
  private final ByteWindow uncommitted;
  private final long firstOwnIndex;
  private boolean established;
  private long round;
  private int ticksSinceHeartbeat;
  private int ticksSinceQuorumCheck;

  Leader(NodeState node) {
    super(node);
    ledTerm = node.term();
    firstOwnIndex = node.log.lastIndex() + 1;
    peers = new Peers(node);
    reads = new LeaderReads(node);
    change = new MembershipChange(node, peers);
    transfer = new LeadershipTransfer(node, peers, reads);
    uncommitted = new ByteWindow();
  }

  private Leader(Leader from, NodeState node) {
    super(node);
    ledTerm = from.ledTerm;
    firstOwnIndex = from.firstOwnIndex;
    peers = new Peers(from.peers, node);
    reads = new LeaderReads(from.reads, node);
    change = new MembershipChange(node, peers);
    transfer = new LeadershipTransfer(from.transfer, node, peers, reads);
    uncommitted = new ByteWindow(from.uncommitted);
    established = from.established;
    round = from.round;
    ticksSinceHeartbeat = from.ticksSinceHeartbeat;
    ticksSinceQuorumCheck = from.ticksSinceQuorumCheck;
  }

  @Override
  Leader copy(NodeState copied) {
    return new Leader(this, copied);
  }

  @Override
  void describe(StateSink sink) {
    sink.number("firstOwnIndex", firstOwnIndex);
    sink.flag("established", established);
    uncommitted.describe(sink);
    reads.describe(sink);
    transfer.describe(sink);
    sink.round("round", ledTerm, round);
    sink.clock("ticksSinceHeartbeat", ticksSinceHeartbeat);
    sink.clock("ticksSinceQuorumCheck", ticksSinceQuorumCheck);
    sink.flag("heartbeatDue", ticksSinceHeartbeat + 1 >= node.config.heartbeatTicks());
    sink.flag("quorumCheckDue", ticksSinceQuorumCheck + 1 >= node.config.electionTimeoutTicks());
    peers.describe(sink);
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

  List<PeerStatus> peerStatus() {
    return peers.status();
  }

  void begin() {
    byte[] payload =
        firstOwnIndex == 1 ? ClusterId.encode(node.config.newClusterId()) : new byte[0];
    append(EntryType.NO_OP, payload);
  }

  private void append(EntryType type, byte[] payload) {
    Entry entry = new Entry(node.log.lastIndex() + 1, node.term(), type, payload);
    node.append(entry);
    uncommitted.add(entry.index(), Limits.bytesOf(entry));
  }

  // ---- proposals

  @Override
  void proposed(Input.Proposed proposed) {
    Refusal refusal = refusalOfProposal(proposed.expectedTerm());
    if (refusal != null) {
      node.emit(new Effect.ProposalRefused(proposed.proposal(), refusal));
    } else {
      append(EntryType.COMMAND, proposed.payload());
      appended(proposed.proposal());
    }
  }

  private void appended(long proposal) {
    node.emit(new Effect.ProposalAppended(proposal, node.log.lastIndex(), node.term()));
  }

  private @Nullable Refusal refusalOfProposal(long expectedTerm) {
    if (expectedTerm != node.term()) {
      return Refusal.WRONG_TERM;
    }
    if (transfer.isUnderWay()) {
      return Refusal.TRANSFERRING;
    }
    if (node.isStorageFull()) {
      return Refusal.STORAGE_FULL;
    }
    return uncommitted.bytes() >= node.config.limits().uncommittedBytesMax()
        ? Refusal.OVERLOADED
        : null;
  }

  @Override
  void configurationProposed(Input.ConfigurationProposed proposed) {
    Refusal refusal = refusalOfProposal(proposed.expectedTerm());
    if (refusal == null && !established) {
      refusal = Refusal.NOT_ESTABLISHED;
    }
    if (refusal == null) {
      refusal = change.refusalOf(proposed.target());
    }
    if (refusal != null) {
      node.emit(new Effect.ProposalRefused(proposed.proposal(), refusal));
    } else {
      append(EntryType.CONFIGURATION, change.firstStepTo(proposed.target()));
      appended(proposed.proposal());
    }
  }

  @Override
  void configurationChanged() {
    peers.follow(node.members.membership());
    reads.quorumChanges();
  }

  // ---- reads

  @Override
  void readRequested(long read) {
    if (node.decisions.mayRead(established)) {
      reads.request(node.id(), read);
    } else {
      node.emit(new Effect.ReadRefused(read, Refusal.NOT_ESTABLISHED));
    }
  }

  @Override
  void leaseReadRequested(long read) {
    if (node.decisions.mayRead(established) && reads.isLeaseHeld()) {
      node.emit(new Effect.ReadReady(read, node.log.committed()));
    } else {
      readRequested(read);
    }
  }

  @Override
  void readRequest(long from, ReadRequest message) {
    if (node.decisions.mayRead(established)) {
      reads.request(from, message.read());
    } else {
      node.send(from, new ReadResponse(node.term(), message.read(), 0));
    }
  }

  @Override
  void timeLost() {
    reads.timeLost();
  }

  // ---- transfer

  @Override
  void transferRequested(Input.TransferRequested request) {
    transfer.request(request.transfer(), request.target());
  }

  @Override
  void storageChanged() {
    if (node.isStorageFull()) {
      transfer.offer(); // who leads should be able to write
    } else {
      transfer.withdraw();
    }
  }

  // ---- time

  @Override
  void tick() {
    reads.tick();
    transfer.tick();
    peers.forEach(Peer::tick);
    ticksSinceQuorumCheck++;
    if (ticksSinceQuorumCheck >= node.config.electionTimeoutTicks()) {
      ticksSinceQuorumCheck = 0;
      if (!checkQuorum()) {
        node.becomeFollower(node.term(), 0);
        return;
      }
      storageChanged();
    }
    ticksSinceHeartbeat++;
    if (ticksSinceHeartbeat >= node.config.heartbeatTicks()) {
      ticksSinceHeartbeat = 0;
      peers.forEach(Peer::suspectLoss);
      transfer.tellAgain();
      beginRound();
      peers.tellSpares(round);
    }
  }

  /**
   * Whether a quorum has been heard since the last check. If not, others may have elected another
   * leader, and clients should not wait for this one (thesis 6.2).
   */
  private boolean checkQuorum() {
    LongPredicate heard = id -> id == node.id() || peers.get(id).isHeard();
    boolean enough = node.members.membership().decides(heard);
    peers.forEach(Peer::forgetHeard);
    return enough;
  }

  private void beginRound() {
    round++;
    reads.roundBegins(round);
    peers.forEach(peer -> peer.heartbeat(round));
  }

  // ---- answers

  private void ifPeer(long from, Consumer<Peer> action) {
    Peer peer = peers.find(from);
    if (peer != null) { // else it was one before
      action.accept(peer);
    }
  }

  @Override
  void appendAccepted(long from, AppendAccepted message) {
    ifPeer(from, peer -> peer.accepted(message));
  }

  @Override
  void appendRejected(long from, AppendRejected message) {
    ifPeer(from, peer -> peer.rejected(message));
  }

  @Override
  void heartbeatResponse(long from, HeartbeatResponse message) {
    Invariant.check(
        message.round() <= round, "node %s answers round %s of %s", from, message.round(), round);
    long proved = node.decisions.provedRound(message.round(), round);
    ifPeer(from, peer -> peer.answered(proved));
  }

  @Override
  void snapshotStatus(long from, SnapshotStatus message) {
    ifPeer(from, peer -> peer.snapshotStatus(message));
  }

  @Override
  void snapshotChunkRead(Input.SnapshotChunkRead read) {
    ifPeer(read.to(), peer -> peer.chunkRead(read));
  }

  @Override
  void snapshotReadFailed(Input.SnapshotReadFailed failed) {
    ifPeer(failed.to(), peer -> peer.readFailed(failed.id()));
  }

  @Override
  void askedBy(long from) {
    peers.tellStranger(from);
  }

  @Override
  long logNeededFrom() {
    return peers.lowestSnapshotIndex();
  }

  // ---- the end of a step

  @Override
  void finishStep() {
    commit();
    reads.roundAnswered(peers.reached(round, Peer::answeredRound));
    if (change.isLeaving()) {
      append(EntryType.CONFIGURATION, change.lastStep());
    }
    if (reads.wantsRound()) {
      beginRound();
    }
    peers.forEach(peer -> peer.replicate(round));
    transfer.advance();
    if (change.isRemoved()) {
      transfer.handOver();
      node.becomeFollower(node.term(), 0);
    }
  }

  @Override
  long sentTo() {
    return peers.sentTo();
  }

  /**
   * Commits what a quorum has durably, if it is of this term; what comes before it is committed
   * with it. An entry of an older term is not committed by its copies alone: even one that a quorum
   * has can still be overwritten (thesis 3.6.2, figure 3.7).
   */
  private void commit() {
    long own = node.decisions.ownCopy(node.log);
    long agreed = node.decisions.agreed(peers.reached(own, Peer::matchIndex), own);
    if (agreed > node.log.committed() && node.decisions.mayCommit(agreed, firstOwnIndex)) {
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
    reads.refuseAll();
    transfer.leave(node.term() > ledTerm);
    peers.forEach(Peer::endSnapshot);
  }

  @Override
  void check() {
    peers.forEach(Peer::check);
  }
}
