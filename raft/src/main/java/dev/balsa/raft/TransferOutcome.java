package dev.balsa.raft;

import dev.balsa.raft.core.Effect.Refusal;

/** What came of a transfer of leadership. */
public sealed interface TransferOutcome {
  /** This node no longer leads: another term has begun. Who leads it is seen elsewhere. */
  record Done() implements TransferOutcome {}

  /** Nothing came of it; this node may still lead. */
  record Refused(Refusal reason) implements TransferOutcome {}
}
