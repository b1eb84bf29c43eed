package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRejected;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.ConfigurationNotice;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.ReadResponse;
import dev.balsa.raft.core.Message.SnapshotChunk;
import dev.balsa.raft.core.Message.SnapshotStatus;
import java.util.List;
import java.util.zip.CRC32C;

/** Takes what the leader sends, or waits for one (thesis 3.4, 3.5). */
final class Follower extends RoleState {
  private final long leaderId;
  private final ElectionTimer timer;
  private final FollowerReads reads;

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
    this.reads = new FollowerReads(node);
  }

  private Follower(Follower from, NodeState node) {
    super(node);
    leaderId = from.leaderId;
    timer = new ElectionTimer(from.timer);
    reads = new FollowerReads(from.reads, node);
    answeredRound = from.answeredRound;
  }

  @Override
  Follower copy(NodeState copied) {
    return new Follower(this, copied);
  }

  @Override
  void describe(StateSink sink) {
    sink.node("leaderId", leaderId);
    timer.describe(sink);
    reads.describe(sink);
    sink.round("answeredRound", node.term(), answeredRound);
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
  void tick() {
    reads.tick();
    if (!timer.tick()) {
      return;
    }
    if (node.mayCampaign()) {
      node.becomePreCandidate();
      return;
    }
    node.members.ask();
    if (leaderId != 0) {
      node.becomeFollower(node.term(), 0); // waits for another
    } else {
      timer.reset();
    }
  }

  @Override
  void voted() {
    timer.reset();
  }

  private void hear() {
    timer.reset();
    node.heardLeader();
  }

  /** The leader gives up its place, to this node (thesis 3.10). */
  void timeoutNow() {
    if (node.mayCampaign()) {
      node.becomeCandidate(true);
    }
  }

  void configurationNotice(ConfigurationNotice message) {
    hear();
    node.members.noticed(message.index(), message.configuration());
  }

  void heartbeat(Heartbeat message) {
    hear();
    node.commitTo(node.decisions.commitIndexOf(message.committed(), node.log.lastIndex()));
    if (message.round() > answeredRound) {
      answeredRound = message.round();
      node.send(leaderId, new HeartbeatResponse(node.term(), answeredRound));
    }
  }

  // ---- reads

  @Override
  void leaderReadRequested(long read) {
    reads.request(leaderId, read);
  }

  @Override
  void readResponse(long from, ReadResponse message) {
    if (from == leaderId) {
      reads.answered(message);
    }
  }

  @Override
  void leave() {
    reads.refuseAll();
  }

  // ---- the log

  void appendRequest(AppendRequest message) {
    hear();
    RaftLog log = node.log;
    if (message.prevIndex() < log.baseIndex()) {
      appendAboveBase(message);
      return;
    }
    boolean agrees = node.decisions.agrees(log, message.prevIndex(), message.prevTerm());
    if (!agrees) {
      checkUncommitted(message.prevIndex());
      reject(message);
      return;
    }
    appendNew(message.entries());
    accept(message);
  }

  private void accept(AppendRequest message) {
    node.commitTo(Math.min(message.committed(), message.lastIndex()));
    long match = Math.max(message.lastIndex(), node.log.committed());
    node.decisions.tellAccepted(node, leaderId, new AppendAccepted(node.term(), match));
  }

  /** A late request, from below what this log begins after: that is committed, and so agrees. */
  private void appendAboveBase(AppendRequest message) {
    long base = node.log.baseIndex();
    if (message.lastIndex() >= base) {
      int known = (int) (base - message.prevIndex());
      Invariant.check(
          node.log.matches(base, message.entries().get(known - 1).term()),
          "leader %s has another entry at %s, which is committed",
          leaderId,
          base);
      appendNew(message.entries().subList(known, message.entries().size()));
    }
    accept(message);
  }

  // ---- snapshots

  /** A part of a snapshot: stores it, unless this node needs none (thesis 5.3). */
  void snapshotChunk(SnapshotChunk message) {
    hear();
    if (takeFromLog(message.mark())) {
      return;
    }
    if (!isIntact(message)) {
      return; // as if it was lost
    }
    SnapshotReceipt receipt = node.snapshots.receipt();
    if (receipt == null || !receipt.id().equals(message.id())) {
      receipt = new SnapshotReceipt(message.id(), message.mark());
      node.snapshots.receipt(receipt);
    }
    if (receipt.hasRoom(node.config.limits())) {
      receipt.storing();
      node.emit(
          new Effect.StoreSnapshotChunk(
              message.id(), message.mark(), message.offset(), message.content(), message.last()));
    }
  }

  /** If the log has what a snapshot contains, says so; commits what the snapshot proves. */
  private boolean takeFromLog(SnapshotMark mark) {
    if (!node.snapshots.hasContentOf(mark)) {
      return false;
    }
    node.commitTo(mark.index());
    if (leaderId == 0) {
      return true;
    }
    node.promise(leaderId, new AppendAccepted(node.term(), node.log.committed()));
    return true;
  }

  private static boolean isIntact(SnapshotChunk message) {
    CRC32C crc = new CRC32C();
    crc.update(message.content());
    return (int) crc.getValue() == message.checksum();
  }

  /** A chunk was stored; with the last one, the snapshot takes the log's place. */
  void chunkStored(SnapshotReceipt receipt, long offset, boolean complete) {
    if (complete) {
      node.snapshots.receipt(null);
      if (!takeFromLog(receipt.mark())) {
        node.snapshots.install(receipt.id(), receipt.mark());
      }
    } else if (leaderId == receipt.id().sender()) {
      node.send(leaderId, new SnapshotStatus(node.term(), receipt.id(), offset, false));
    }
  }

  void storeFailed(SnapshotId id) {
    if (leaderId == id.sender()) {
      node.send(leaderId, new SnapshotStatus(node.term(), id, 0, true));
    }
  }

  // ---- entries

  /** Skips the entries that are there already: a late or repeated request must not undo any. */
  private void appendNew(List<Entry> entries) {
    for (Entry entry : entries) {
      if (node.decisions.skips(node.log, entry)) {
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
    node.decisions.checkRemovable(index, node.log.committed());
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
