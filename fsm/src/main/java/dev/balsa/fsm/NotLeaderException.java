package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/** This node does not lead, so it neither writes nor answers linearizable reads. Ask the leader. */
public final class NotLeaderException extends NotAppliedException {
  private static final long serialVersionUID = 1L;

  private final long leaderId;
  private final @Nullable String leaderAddress;

  /**
   * Creates the exception.
   *
   * @param leaderId the leader's node id, 0 if this node knows of none
   * @param leaderAddress where other nodes reach it, null if unknown
   */
  public NotLeaderException(long leaderId, @Nullable String leaderAddress) {
    super(
        leaderId == 0
            ? "this node does not lead, and knows of no leader at the moment: try again"
            : "this node does not lead: ask node "
                + leaderId
                + (leaderAddress == null ? "" : " at " + leaderAddress));
    this.leaderId = leaderId;
    this.leaderAddress = leaderAddress;
  }

  /** The leader's node id, 0 if unknown. */
  public long leaderId() {
    return leaderId;
  }

  /** The leader's address for nodes, null if unknown. */
  public @Nullable String leaderAddress() {
    return leaderAddress;
  }
}
