package dev.balsa.raft.core;

import java.util.List;

/**
 * What nodes say to each other. Every message carries its sender's term, except where said
 * otherwise. The transport adds sender and receiver.
 */
public sealed interface Message {
  /** The sender's current term; in {@link PreVoteRequest} the term that it would campaign in. */
  long term();

  /**
   * Would you vote for me? (thesis 9.6)
   *
   * @param term the term after the sender's: it has not moved to it yet
   * @param lastIndex the sender's last log index
   * @param lastTerm the term of that entry
   */
  record PreVoteRequest(long term, long lastIndex, long lastTerm) implements Message {}

  /**
   * The answer to a {@link PreVoteRequest}.
   *
   * @param term if granted the term that was asked for, else the voter's own
   * @param granted whether the sender would vote so
   */
  record PreVoteResponse(long term, boolean granted) implements Message {}

  /** RequestVote (thesis 3.4). */
  record VoteRequest(long term, long lastIndex, long lastTerm) implements Message {}

  /** Sent only once the vote is durable. */
  record VoteResponse(long term, boolean granted) implements Message {}

  /**
   * AppendEntries (thesis 3.5).
   *
   * @param prevIndex index of the entry before the first one sent
   * @param prevTerm its term, 0 at index 0
   * @param committed the leader's commit index
   * @param entries consecutive from {@code prevIndex + 1}; may be empty, as a probe
   */
  record AppendRequest(
      long term, long prevIndex, long prevTerm, long committed, List<Entry> entries)
      implements Message {
    /** Takes an immutable list. */
    public AppendRequest {
      entries = List.copyOf(entries);
    }
  }

  /**
   * The follower's log agrees with the leader's up to {@code matchIndex}, durably.
   *
   * @param matchIndex last index known to agree
   */
  record AppendAccepted(long term, long matchIndex) implements Message {}

  /**
   * The follower has no entry of that term at {@code prevIndex} (thesis 3.5, with the term of the
   * conflict, so that a whole term is skipped at once).
   *
   * @param prevIndex the request's
   * @param hintIndex the highest index at which the logs may agree, as far as the follower can tell
   * @param hintTerm the term of the follower's entry there, 0 if it has none
   */
  record AppendRejected(long term, long prevIndex, long hintIndex, long hintTerm)
      implements Message {}

  /**
   * I lead. Never carries entries.
   *
   * @param committed the leader's commit index, at most what the follower is known to have
   * @param round number of this round of heartbeats in this term, growing
   */
  record Heartbeat(long term, long committed, long round) implements Message {}

  /**
   * The answer to a {@link Heartbeat}.
   *
   * @param round that of the heartbeat which this answers: a quorum of answers to a round proves
   *     that its sender still led when the round began (thesis 6.4)
   */
  record HeartbeatResponse(long term, long round) implements Message {}
}
