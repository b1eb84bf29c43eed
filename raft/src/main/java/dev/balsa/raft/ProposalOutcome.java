package dev.balsa.raft;

import dev.balsa.raft.core.Effect.Refusal;

/** The certain fate of a proposal. */
public sealed interface ProposalOutcome {
  /** It is committed at that index. */
  record Committed(long index, long term) implements ProposalOutcome {}

  /** It never entered the log. */
  record Refused(Refusal reason) implements ProposalOutcome {}

  /**
   * Another entry is committed in its place: it will never be applied.
   *
   * @param index where the proposal was in this node's log
   * @param term the term of the entry that is committed there, or at the snapshot's index that has
   *     taken its place
   */
  record Superseded(long index, long term) implements ProposalOutcome {}
}
