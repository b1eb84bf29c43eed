package dev.balsa.raft;

import dev.balsa.raft.core.Effect.Refusal;

/** Whether a linearizable read may go ahead here. */
public sealed interface ReadOutcome {
  /** It may, once that index is applied. */
  record Ready(long index) implements ReadOutcome {}

  /** It may not. */
  record Refused(Refusal reason) implements ReadOutcome {}
}
