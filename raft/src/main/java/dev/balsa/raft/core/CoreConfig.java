package dev.balsa.raft.core;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A node's part in a cluster, as the core sees it.
 *
 * @param nodeId this node, above 0
 * @param voters all voting members, this node among them
 * @param newClusterId the id that this node gives to the cluster if it becomes its first leader
 * @param heartbeatTicks a leader is heard from at least this often
 * @param electionTimeoutTicks the minimum election timeout; the timeout itself is drawn anew each
 *     time, from this up to twice as long
 * @param limits bounds on memory and messages
 */
public record CoreConfig(
    long nodeId,
    SortedSet<Long> voters,
    UUID newClusterId,
    int heartbeatTicks,
    int electionTimeoutTicks,
    Limits limits) {
  /** Checks the bounds. */
  public CoreConfig {
    voters = Collections.unmodifiableSortedSet(new TreeSet<>(voters));
    if (voters.isEmpty() || voters.first() < 1 || !voters.contains(nodeId)) {
      throw new IllegalArgumentException("node " + nodeId + " among voters " + voters);
    }
    if (heartbeatTicks < 1 || electionTimeoutTicks <= heartbeatTicks) {
      throw new IllegalArgumentException(
          "heartbeat " + heartbeatTicks + ", election timeout " + electionTimeoutTicks + " ticks");
    }
  }
}
