package dev.balsa.raft;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's part in a cluster.
 *
 * @param nodeId this node, above 0
 * @param voters all voting members, this node among them
 * @param clusterId the cluster's id, or null if the first leader shall make one
 * @param tick one unit of the core's time
 * @param heartbeatTicks a leader is heard from at least this often
 * @param electionTimeoutTicks a follower that hears nothing for this long asks for an election,
 *     after a random wait of up to as long again
 * @param clock the node's own time
 * @param randomSeed seed of the election timeouts' randomness
 */
public record RaftConfig(
    long nodeId,
    SortedSet<Long> voters,
    @Nullable UUID clusterId,
    Duration tick,
    int heartbeatTicks,
    int electionTimeoutTicks,
    Clock clock,
    long randomSeed) {

  /** Checks the bounds. */
  public RaftConfig {
    Objects.requireNonNull(clock);
    if (nodeId < 1 || voters.stream().anyMatch(id -> id < 1)) {
      throw new IllegalArgumentException("node ids are numbers from 1");
    }
    if (!voters.contains(nodeId)) {
      throw new IllegalArgumentException(
          "node " + nodeId + " is not among the cluster's members " + voters);
    }
    if (tick.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException("a tick is at least one millisecond");
    }
    if (heartbeatTicks < 1 || electionTimeoutTicks < 3 * heartbeatTicks) {
      throw new IllegalArgumentException(
          "the election timeout must be at least three heartbeats: "
              + electionTimeoutTicks
              + " and "
              + heartbeatTicks
              + " ticks");
    }
    voters = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(voters));
  }

  /** The defaults: ticks of 20 ms, heartbeats every 100 ms, elections after 500 to 1000 ms. */
  public static RaftConfig of(long nodeId, Set<Long> voters) {
    return new RaftConfig(
        nodeId,
        new TreeSet<>(voters),
        null,
        Duration.ofMillis(20),
        5,
        25,
        Clock.system(),
        System.nanoTime() ^ (nodeId << 48));
  }
}
