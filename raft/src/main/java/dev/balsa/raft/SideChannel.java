package dev.balsa.raft;

import java.util.concurrent.CompletableFuture;

/** What a state machine says to those of other members, beside the log. Thread-safe. */
public interface SideChannel {
  /** This node. */
  long nodeId();

  /**
   * Sends something to a member's state machine, which gets it by {@link StateMachine#message}. It
   * may be lost, and messages may overtake each other; it is never altered.
   *
   * @param payload at most {@link dev.balsa.raft.core.Message.MachineMessage#PAYLOAD_BYTES_MAX}
   *     bytes; not to be modified any more
   */
  void send(long to, byte[] payload);

  /**
   * Lets another node lead (thesis 3.10). Proposals are refused meanwhile, for one election timeout
   * at most.
   *
   * @param target a voter, or 0 for the one whose log is the longest
   * @return completes on the event loop; fails with {@link RaftStoppedException} if this node stops
   */
  CompletableFuture<TransferOutcome> transferLeadership(long target);
}
