package dev.balsa.raft.core;

import dev.balsa.raft.Leadership;
import java.util.List;

/** What a node wants done, in the order of the list. */
public sealed interface Effect {
  /** Send now; may be lost. */
  record Send(long to, Message message) implements Effect {}

  /**
   * Write, in order with all other such effects, and answer with {@link Input.LogDurable}.
   *
   * @param write number of this write, growing by one
   * @param hardState to be kept with it
   * @param entries the first supersedes all entries at or above its index; may be empty
   * @param whenDurable messages that promise what this write makes durable: to be sent after it is,
   *     and never before
   */
  record AppendToLog(long write, HardState hardState, List<Entry> entries, List<Send> whenDurable)
      implements Effect {
    /** Takes immutable lists. */
    public AppendToLog {
      entries = List.copyOf(entries);
      whenDurable = List.copyOf(whenDurable);
    }
  }

  /** These entries are committed: contiguous, each exactly once, in order. */
  record Apply(List<Entry> entries) implements Effect {
    /** Takes an immutable list. */
    public Apply {
      entries = List.copyOf(entries);
    }
  }

  /** The proposal is in this leader's log; its fate will be decided at that index and term. */
  record ProposalAppended(long proposal, long index, long term) implements Effect {}

  /** The proposal never entered a log. */
  record ProposalRefused(long proposal, Refusal reason) implements Effect {}

  /** The read may be answered once the state machine has applied {@code index}. */
  record ReadReady(long read, long index) implements Effect {}

  /** The read cannot be answered here. */
  record ReadRefused(long read, Refusal reason) implements Effect {}

  /**
   * Replace log and state machine by a snapshot that is stored completely, in order with all {@link
   * AppendToLog}, and answer with {@link Input.LogDurable}. The log is then empty and begins after
   * {@code mark}. In order with {@link Apply} too: entries handed over later follow the snapshot.
   *
   * @param write number of this write, from the same sequence as those of {@link AppendToLog}
   * @param whenDurable as there
   */
  record InstallSnapshot(
      long write, HardState hardState, SnapshotId id, SnapshotMark mark, List<Send> whenDurable)
      implements Effect {
    /** Takes an immutable list. */
    public InstallSnapshot {
      whenDurable = List.copyOf(whenDurable);
    }
  }

  /**
   * The log up to and including the mark's entry may be discarded; after all writes before. Nothing
   * up to it will be read.
   */
  record CompactLog(SnapshotMark mark) implements Effect {}

  /**
   * Read a part of this node's newest snapshot at {@code id.index()} for a peer, and answer with
   * {@link Input.SnapshotChunkRead} or {@link Input.SnapshotReadFailed}. The first chunk that is
   * asked for under an id opens it.
   */
  record ReadSnapshotChunk(long to, SnapshotId id, long offset, int bytesMax) implements Effect {}

  /** The snapshot is no longer sent to that peer: what was opened for it can be closed. */
  record SnapshotSent(long to, SnapshotId id) implements Effect {}

  /**
   * Store a part of a snapshot that arrives, and answer with {@link Input.SnapshotChunkStored} or
   * {@link Input.SnapshotStoreFailed}, once and in order. At offset 0 it begins, and what is there
   * of any other one is dropped.
   */
  @SuppressWarnings("ArrayRecordComponent") // the message's, which is shared
  record StoreSnapshotChunk(
      SnapshotId id, SnapshotMark mark, long offset, byte[] content, boolean last)
      implements Effect {}

  /**
   * Another configuration is in force.
   *
   * @param index of its entry, 0 for the one that the node started with in an empty log
   * @param committed whether it can't be replaced by an older one any more
   */
  record ConfigurationChanged(long index, Configuration configuration, boolean committed)
      implements Effect {}

  /** Another node leads now, as was asked for. */
  record TransferDone(long transfer) implements Effect {}

  /** Leadership was not transferred; this node may still lead. */
  record TransferRefused(long transfer, Refusal reason) implements Effect {}

  /** Role, term, known leader or the right to answer reads changed. */
  record LeadershipChanged(Leadership leadership) implements Effect {}

  /** Why something was refused. */
  enum Refusal {
    /** This node does not lead. */
    NOT_LEADER,
    /** It leads, but not in the expected term. */
    WRONG_TERM,
    /** It leads, but has not yet committed an entry of its term. */
    NOT_ESTABLISHED,
    /** Too many bytes are waiting for commitment. */
    OVERLOADED,
    /** The log's disk is full. */
    STORAGE_FULL,
    /** Leadership is being transferred. */
    TRANSFERRING,
    /** A change of the configuration is under way. */
    CHANGE_PENDING,
    /** The configuration asked for can't be one: it is joint, or equals the one in the log. */
    INVALID_CONFIGURATION,
    /** A node that is to become a voter has not the log yet: let it catch up as a standby. */
    NOT_CAUGHT_UP,
    /** The node is no voter. */
    NOT_A_VOTER,
    /** It took too long, and was given up. */
    TIMED_OUT,
    /** A later request has taken its place. */
    REPLACED
  }
}
