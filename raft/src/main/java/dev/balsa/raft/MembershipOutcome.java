package dev.balsa.raft;

import dev.balsa.raft.core.Effect.Refusal;

/** The certain fate of a change of the cluster's members. */
public sealed interface MembershipOutcome {
  /**
   * The configuration asked for is committed.
   *
   * @param index of its entry, or of the snapshot that has taken its place. A joint configuration
   *     that came before it is committed as well.
   */
  record Changed(long index) implements MembershipOutcome {}

  /** It never entered the log. */
  record Refused(Refusal reason) implements MembershipOutcome {}

  /**
   * Another entry is committed in its place: nothing was changed.
   *
   * @param index where it was in this node's log
   * @param term the term of the entry that is committed there
   */
  record Superseded(long index, long term) implements MembershipOutcome {}
}
