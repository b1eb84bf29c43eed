package dev.balsa.raft.core;

import java.util.UUID;

/**
 * A node's part in a cluster, as the core sees it.
 *
 * @param nodeId this node, above 0
 * @param initialConfiguration the cluster's first configuration, the same on all its first nodes;
 *     empty on a node that is to be added later. In force until the log holds another.
 * @param newClusterId the id that this node gives to the cluster if it becomes its first leader
 * @param heartbeatTicks a leader is heard from at least this often
 * @param electionTimeoutTicks the minimum election timeout; the timeout itself is drawn anew each
 *     time, from this up to twice as long
 * @param leaseTicks for how long after a round of heartbeats began a leader that a quorum has
 *     answered may read without asking again; 0 for never. See {@link #leaseTicks(int, double)}.
 * @param limits bounds on memory and messages
 */
public record CoreConfig(
    long nodeId,
    Configuration initialConfiguration,
    UUID newClusterId,
    int heartbeatTicks,
    int electionTimeoutTicks,
    int leaseTicks,
    Limits limits) {
  /** Checks the bounds. */
  public CoreConfig {
    if (nodeId < 1 || initialConfiguration.isJoint()) {
      throw new IllegalArgumentException("node " + nodeId + " in " + initialConfiguration);
    }
    if (heartbeatTicks < 1 || electionTimeoutTicks <= heartbeatTicks) {
      throw new IllegalArgumentException(
          "heartbeat " + heartbeatTicks + ", election timeout " + electionTimeoutTicks + " ticks");
    }
    if (leaseTicks < 0 || leaseTicks >= electionTimeoutTicks) {
      throw new IllegalArgumentException(
          "lease of " + leaseTicks + ", election timeout of " + electionTimeoutTicks + " ticks");
    }
  }

  /**
   * The longest safe lease. A voter votes for nobody for {@code electionTimeoutTicks - 1} whole
   * ticks of its own clock after it heard the leader (one is lost because the first may come at
   * once); the leader counts from the beginning of the round, and stops at {@code leaseTicks} of
   * its own.
   *
   * @param clockRatioMax bound on how much faster one node's clock may run than another's, at least
   *     1: leases are safe as long as that holds
   */
  public static int leaseTicks(int electionTimeoutTicks, double clockRatioMax) {
    if (!(clockRatioMax >= 1)) {
      throw new IllegalArgumentException("clock ratio " + clockRatioMax);
    }
    return (int) Math.floor((electionTimeoutTicks - 1) / clockRatioMax);
  }
}
