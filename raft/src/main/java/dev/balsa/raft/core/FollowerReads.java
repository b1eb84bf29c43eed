package dev.balsa.raft.core;

import dev.balsa.raft.core.Effect.Refusal;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * The reads about which a follower has asked its leader, who confirms them as its own (thesis 6.4:
 * "followers can help offload the processing of read-only queries"). What is lost on the way is not
 * asked again, but refused after an election timeout: whoever reads knows how long it can wait.
 */
final class FollowerReads {
  private record Asked(long read, long tick) {}

  private final NodeState node;
  private final ArrayDeque<Asked> unanswered = new ArrayDeque<>();
  private long tick;

  FollowerReads(NodeState node) {
    this.node = node;
  }

  FollowerReads(FollowerReads from, NodeState node) {
    this.node = node;
    unanswered.addAll(from.unanswered);
    tick = from.tick;
  }

  void describe(StateSink sink) {
    sink.number("unanswered", unanswered.size());
    for (Asked asked : unanswered) {
      sink.number("read", asked.read);
      sink.clock("asked", tick - asked.tick);
    }
  }

  /** Asks the leader, 0 if none is known. */
  void request(long leaderId, long read) {
    if (leaderId == 0) {
      node.emit(new Effect.ReadRefused(read, Refusal.NOT_LEADER));
      return;
    }
    unanswered.add(new Asked(read, tick));
    node.send(leaderId, new Message.ReadRequest(node.term(), read));
  }

  void answered(Message.ReadResponse message) {
    for (Iterator<Asked> all = unanswered.iterator(); all.hasNext(); ) {
      if (all.next().read == message.read()) {
        all.remove();
        node.emit(
            message.index() == 0
                ? new Effect.ReadRefused(message.read(), Refusal.NOT_ESTABLISHED)
                : new Effect.ReadReady(message.read(), message.index()));
        return;
      }
    } // else it was answered before, or refused
  }

  void tick() {
    tick++;
    while (!unanswered.isEmpty()
        && tick - unanswered.getFirst().tick >= node.config.electionTimeoutTicks()) {
      node.emit(new Effect.ReadRefused(unanswered.removeFirst().read, Refusal.TIMED_OUT));
    }
  }

  /** The leader is not this node's any more. */
  void refuseAll() {
    for (Asked asked : unanswered) {
      node.emit(new Effect.ReadRefused(asked.read, Refusal.NOT_LEADER));
    }
    unanswered.clear();
  }
}
