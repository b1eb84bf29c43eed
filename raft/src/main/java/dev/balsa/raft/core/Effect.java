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
    OVERLOADED
  }
}
