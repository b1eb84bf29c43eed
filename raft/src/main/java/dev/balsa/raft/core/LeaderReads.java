package dev.balsa.raft.core;

import dev.balsa.raft.core.Effect.Refusal;
import java.util.List;

/**
 * The reads that a leader is asked for, also by followers: by its lease, or each confirmed by a
 * round of heartbeats.
 */
final class LeaderReads {
  private final NodeState node;
  private final ReadQueue queue;
  private final Lease lease;

  LeaderReads(NodeState node) {
    this.node = node;
    this.queue = new ReadQueue();
    this.lease = new Lease(node.config.leaseTicks(), node.decisions);
  }

  LeaderReads(LeaderReads from, NodeState node) {
    this.node = node;
    queue = new ReadQueue(from.queue);
    lease = new Lease(from.lease);
  }

  void describe(StateSink sink) {
    queue.describe(sink, node.term());
    lease.describe(sink, node.term());
  }

  /**
   * A read is to be confirmed.
   *
   * @param asker this node, or the follower that asks
   * @param read the asker's number for it
   */
  void request(long asker, long read) {
    ReadQueue.Read now = new ReadQueue.Read(asker, read, node.log.committed());
    if (node.members.membership().isAlone(node.id())) {
      ready(List.of(now));
    } else {
      queue.add(now);
    }
  }

  boolean isLeaseHeld() {
    return lease.isHeld();
  }

  /** Another may now be elected at any time, at this leader's own request. */
  void forfeitLease() {
    lease.forfeit();
  }

  void tick() {
    lease.tick();
  }

  void timeLost() {
    node.decisions.timeLost(lease);
  }

  /** Others decide from now on than those who have answered so far. */
  void quorumChanges() {
    lease.begunRoundsAreVoid();
  }

  boolean wantsRound() {
    return queue.wantsRound();
  }

  void roundBegins(long round) {
    queue.roundBegins(round);
    lease.roundBegins(round);
  }

  /** A quorum has answered that round. */
  void roundAnswered(long round) {
    lease.roundProved(round);
    ready(queue.roundProved(round));
  }

  private void ready(List<ReadQueue.Read> reads) {
    for (ReadQueue.Read read : reads) {
      if (read.asker() == node.id()) {
        node.emit(new Effect.ReadReady(read.number(), read.index()));
      } else {
        node.send(read.asker(), new Message.ReadResponse(node.term(), read.number(), read.index()));
      }
    }
  }

  /** Leadership is lost. Followers notice that by themselves. */
  void refuseAll() {
    for (ReadQueue.Read read : queue.drain()) {
      if (read.asker() == node.id()) {
        node.emit(new Effect.ReadRefused(read.number(), Refusal.NOT_LEADER));
      }
    }
  }
}
