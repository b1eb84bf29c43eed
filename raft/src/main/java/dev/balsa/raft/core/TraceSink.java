package dev.balsa.raft.core;

import dev.balsa.raft.Role;

/**
 * Receives every state transition of a node, in order, as it happens: for transcripts, for
 * debugging and for checking a run against a model. Must not call the node.
 */
@FunctionalInterface
public interface TraceSink {
  /** Takes a transition. */
  void transition(Transition transition);

  /** Ignores all. */
  static TraceSink none() {
    return transition -> {};
  }

  /** A change of a node's state. */
  sealed interface Transition {
    /** The node took a role; leader 0 if none is known. */
    record RoleTaken(Role role, long term, long leaderId) implements Transition {}

    /** The node gave its vote in a term, not yet durably. */
    record VoteGiven(long term, long candidate) implements Transition {}

    /** The leader has committed and handed over an entry of its own term. */
    record Established(long term, long index) implements Transition {}

    /** An entry was appended, not yet durably. */
    record Appended(long index, long term) implements Transition {}

    /** The entries at and above an index were removed. */
    record Truncated(long fromIndex) implements Transition {}

    /** The log is durable up to an index. */
    record Durable(long index) implements Transition {}

    /** The log is committed up to an index. */
    record Committed(long index) implements Transition {}

    /** The entries up to an index were given to the state machine. */
    record HandedOver(long index) implements Transition {}

    /** The leader does not know where a peer's log agrees with its own, and probes. */
    record PeerProbed(long peer, long nextIndex) implements Transition {}

    /** The leader sends a peer its snapshot at an index. */
    record SnapshotBegun(long peer, long index) implements Transition {}

    /** Log and state machine are being replaced by a snapshot. */
    record SnapshotInstalled(long index, long term) implements Transition {}

    /** The log up to and including an index was given up. */
    record Compacted(long index) implements Transition {}

    /** Another configuration is in force. */
    record ConfigurationTaken(long index, Configuration configuration) implements Transition {}

    /** The leader is to be replaced by another node. */
    record TransferBegun(long target) implements Transition {}

    /** The leader replicates to a peer in a pipeline. */
    record PeerReplicating(long peer, long nextIndex) implements Transition {}
  }
}
