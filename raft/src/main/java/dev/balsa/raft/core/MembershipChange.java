package dev.balsa.raft.core;

import dev.balsa.raft.core.Effect.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * How a leader changes the configuration (thesis 4.3): one change at a time; where voters change,
 * by a joint configuration, which whoever leads once it is committed leaves by itself.
 */
final class MembershipChange {
  private final NodeState node;
  private final Peers peers;

  MembershipChange(NodeState node, Peers peers) {
    this.node = node;
    this.peers = peers;
  }

  private Configuration present() {
    return node.members.inForce().configuration();
  }

  /** Why the change to {@code target} can't begin; null if it can. */
  @Nullable Refusal refusalOf(Configuration target) {
    if (!node.decisions.mayFollow(node.members.isCommitted()) || present().isJoint()) {
      return Refusal.CHANGE_PENDING;
    }
    if (target.isJoint() || target.members().isEmpty() || isInLog(target)) {
      return Refusal.INVALID_CONFIGURATION;
    }
    for (long id : target.voters()) {
      if (!present().isVoter(id)) {
        Peer peer = peers.find(id);
        if (peer == null || !peer.hasCaughtUp()) {
          return Refusal.NOT_CAUGHT_UP; // it would hold up commitment (thesis 4.2.1)
        }
      }
    }
    return null;
  }

  /**
   * Whether there is nothing to change. The configuration that the nodes were started with is in no
   * log: one equal to it may be proposed, which puts it there.
   */
  private boolean isInLog(Configuration target) {
    return target.equals(present()) && node.members.inForce().index() > 0;
  }

  /** The payload of the first entry on the way to {@code target}. */
  byte[] firstStepTo(Configuration target) {
    return ConfigurationCodec.encode(present().towards(target));
  }

  /** Whether it is time to leave the joint configuration: it is committed. */
  boolean isLeaving() {
    return present().isJoint() && node.decisions.mayFollow(node.members.isCommitted());
  }

  /** The payload of the entry that leaves the joint configuration. */
  byte[] lastStep() {
    return ConfigurationCodec.encode(present().left());
  }

  /**
   * Whether this leader has committed a configuration in which it does not vote: it has managed the
   * cluster so far without counting itself, and now ends (thesis 4.2.2).
   */
  boolean isRemoved() {
    return node.members.isCommitted() && !present().isVoter(node.id());
  }
}
