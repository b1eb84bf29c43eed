package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.TraceSink.Transition;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A node's snapshots (thesis 5): the newest that its state machine has, which lets the log before
 * it go, and the one that arrives, which takes the log's place.
 */
final class NodeSnapshots {
  private final NodeState node;
  private SnapshotMark newest = SnapshotMark.NONE;
  private long lastSequence;
  private @Nullable SnapshotReceipt receipt;

  /**
   * Chunks that are being stored for receipts before {@link #receipt}: they are answered first.
   * What is complete by one of them may be gone by the time that this node hears of it, since a
   * chunk of another snapshot has been given to the storage meanwhile.
   */
  private int storingForOthers;

  /**
   * None so far.
   *
   * @param lastSequence numbers of sendings begin above; drawn, since a node does not know which it
   *     has given before a restart
   */
  NodeSnapshots(NodeState node, long lastSequence) {
    this.node = node;
    this.lastSequence = lastSequence;
  }

  NodeSnapshots(NodeSnapshots from, NodeState node) {
    this.node = node;
    newest = from.newest;
    lastSequence = from.lastSequence;
    receipt = from.receipt == null ? null : new SnapshotReceipt(from.receipt);
    storingForOthers = from.storingForOthers;
  }

  void describe(StateSink sink) {
    sink.mark(newest);
    sink.flag("receipt", receipt != null);
    if (receipt != null) {
      receipt.describe(sink);
    }
    sink.number("storing for others", storingForOthers);
  }

  /** The newest that the state machine has, {@link SnapshotMark#NONE} if it never said so. */
  SnapshotMark newest() {
    return newest;
  }

  /** A number that this node gives to no other sending of a snapshot. */
  long nextSequence() {
    lastSequence++;
    return lastSequence;
  }

  /** The state machine has a snapshot: the log before it may go, as far as nobody needs it. */
  void taken(long index) {
    RaftLog log = node.log;
    Invariant.check(
        index <= log.applied(), "snapshot at %s, applied up to %s", index, log.applied());
    if (index < log.baseIndex() || index <= newest.index()) {
      return; // of before another one was installed, or old news
    }
    if (!node.members.areKnownAt(index)) {
      return;
    }
    newest = markAt(index);
    long target = Math.min(Math.min(index, log.compactableTo()), node.role().logNeededFrom());
    if (target > log.baseIndex() && node.members.areKnownAt(target)) {
      SnapshotMark mark = markAt(target);
      log.compactTo(target);
      node.members.compactTo(target);
      node.trace.transition(new Transition.Compacted(target));
      node.emit(new Effect.CompactLog(mark));
    }
  }

  private SnapshotMark markAt(long index) {
    return new SnapshotMark(index, node.log.termAt(index), node.members.inSnapshot(index));
  }

  /** The one that arrives. */
  @Nullable SnapshotReceipt receipt() {
    return receipt;
  }

  void receipt(@Nullable SnapshotReceipt next) {
    if (receipt != null) {
      storingForOthers += receipt.chunksStoring();
    }
    receipt = next;
  }

  /**
   * The storage has answered for one chunk. It does so once for each, in the order in which it was
   * given them.
   *
   * @return the receipt that the chunk is of; null if that is not the present one any more
   */
  @Nullable SnapshotReceipt answered(SnapshotId of) {
    if (storingForOthers > 0) {
      storingForOthers--;
      return null;
    }
    SnapshotReceipt awaited = receipt;
    Invariant.check(
        awaited != null && awaited.id().equals(of), "an answer for %s, and none is awaited", of);
    Objects.requireNonNull(awaited).stored();
    return awaited;
  }

  /**
   * Whether a snapshot would bring nothing: this node has committed, or holds, what it contains.
   */
  boolean hasContentOf(SnapshotMark mark) {
    return mark.index() <= node.log.committed() || node.decisions.holds(node.log, mark);
  }

  /**
   * Replaces the log by a snapshot that is here completely, and promises its sender to have it.
   * What this step has appended so far is written before.
   */
  void install(SnapshotId snapshotId, SnapshotMark mark) {
    node.write();
    node.handOver();
    node.log.reset(mark);
    node.writes.truncateFrom(mark.index() + 1);
    node.members.reset(mark);
    newest = mark;
    long number = node.writes.start(mark.index());
    HardState kept = new HardState(node.term(), node.votedFor(), mark.index());
    Send accepted = new Send(snapshotId.sender(), new AppendAccepted(node.term(), mark.index()));
    node.trace.transition(new Transition.SnapshotInstalled(mark.index(), mark.term()));
    node.emit(new Effect.InstallSnapshot(number, kept, snapshotId, mark, List.of(accepted)));
    node.members.taken();
  }

  /** Checks the newest one's place in the log. */
  void check() {
    RaftLog log = node.log;
    Invariant.check(
        newest.index() == 0
            || (log.baseIndex() <= newest.index() && newest.index() <= log.applied()),
        "snapshot at %s, log after %s, applied up to %s",
        newest.index(),
        log.baseIndex(),
        log.applied());
  }
}
