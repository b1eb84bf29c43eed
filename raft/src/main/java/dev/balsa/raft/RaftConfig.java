package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Limits;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's part in a cluster.
 *
 * @param nodeId this node, above 0
 * @param initialConfiguration the cluster's first members, the same on all of them; {@link
 *     Configuration#EMPTY} on a node that is to be added to a running cluster. In force until the
 *     log holds one: the first leader writes this one there, and it is not looked at any more.
 * @param clusterId the cluster's id, or null if the first leader shall make one
 * @param tick one unit of the core's time
 * @param heartbeatTicks a leader is heard from at least this often
 * @param electionTimeoutTicks a follower that hears nothing for this long asks for an election,
 *     after a random wait of up to as long again; without leases, a follower whose leader has
 *     closed its connection waits for that random part alone
 * @param leaseClockRatioMax bound on how much faster one node's clock may run than another's, from
 *     1: lease reads are right as long as that holds. 0 switches leases off; {@link
 *     Consensus#readLease} then asks a quorum, as {@link Consensus#readIndex} does. With leases on,
 *     a restarted node votes for nobody for one election timeout.
 * @param limits bounds on memory and messages
 * @param clock the node's own time
 * @param randomSeed seed of the election timeouts' randomness
 */
public record RaftConfig(
    long nodeId,
    Configuration initialConfiguration,
    @Nullable UUID clusterId,
    Duration tick,
    int heartbeatTicks,
    int electionTimeoutTicks,
    double leaseClockRatioMax,
    Limits limits,
    Clock clock,
    long randomSeed) {

  /** Checks the bounds. */
  public RaftConfig {
    Objects.requireNonNull(clock);
    Objects.requireNonNull(limits);
    if (nodeId < 1) {
      throw new IllegalArgumentException("node ids are numbers from 1");
    }
    if (initialConfiguration.isJoint()) {
      throw new IllegalArgumentException("a cluster does not begin with a joint configuration");
    }
    if (!initialConfiguration.members().isEmpty()
        && !initialConfiguration.members().containsKey(nodeId)) {
      throw new IllegalArgumentException(
          "node "
              + nodeId
              + " is not among the cluster's members "
              + initialConfiguration.members().keySet());
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
    if (leaseClockRatioMax != 0 && !(leaseClockRatioMax >= 1)) {
      throw new IllegalArgumentException(
          "the ratio of two clocks is at least 1, or 0 for no leases: " + leaseClockRatioMax);
    }
  }

  /** The defaults, for a cluster that begins with these voters, among them this node. */
  public static RaftConfig of(long nodeId, Collection<Long> voters) {
    return of(nodeId, Configuration.ofVoters(voters));
  }

  /**
   * The defaults: ticks of 20 ms, heartbeats every 100 ms, elections after 600 to 1200 ms, no
   * leases.
   */
  public static RaftConfig of(long nodeId, Configuration initialConfiguration) {
    return new RaftConfig(
        nodeId,
        initialConfiguration,
        null,
        Duration.ofMillis(20),
        5,
        30,
        0,
        Limits.DEFAULT,
        Clock.system(),
        System.nanoTime() ^ (nodeId << 48));
  }

  /** The same with the cluster's id. */
  public RaftConfig withClusterId(@Nullable UUID id) {
    return new RaftConfig(
        nodeId,
        initialConfiguration,
        id,
        tick,
        heartbeatTicks,
        electionTimeoutTicks,
        leaseClockRatioMax,
        limits,
        clock,
        randomSeed);
  }

  /** The same with other times. */
  public RaftConfig withTimes(Duration oneTick, int heartbeat, int electionTimeout) {
    return new RaftConfig(
        nodeId,
        initialConfiguration,
        clusterId,
        oneTick,
        heartbeat,
        electionTimeout,
        leaseClockRatioMax,
        limits,
        clock,
        randomSeed);
  }

  /** The same with leases, or with 0 without. */
  public RaftConfig withLeases(double clockRatioMax) {
    return new RaftConfig(
        nodeId,
        initialConfiguration,
        clusterId,
        tick,
        heartbeatTicks,
        electionTimeoutTicks,
        clockRatioMax,
        limits,
        clock,
        randomSeed);
  }

  /** The same with other bounds. */
  public RaftConfig withLimits(Limits bounds) {
    return new RaftConfig(
        nodeId,
        initialConfiguration,
        clusterId,
        tick,
        heartbeatTicks,
        electionTimeoutTicks,
        leaseClockRatioMax,
        bounds,
        clock,
        randomSeed);
  }

  /** The same with another clock and seed. */
  public RaftConfig withClock(Clock other, long seed) {
    return new RaftConfig(
        nodeId,
        initialConfiguration,
        clusterId,
        tick,
        heartbeatTicks,
        electionTimeoutTicks,
        leaseClockRatioMax,
        limits,
        other,
        seed);
  }

  /** What the core needs of it. */
  CoreConfig core() {
    UUID configured = clusterId;
    return new CoreConfig(
        nodeId,
        initialConfiguration,
        configured != null ? configured : UUID.randomUUID(),
        heartbeatTicks,
        electionTimeoutTicks,
        leaseClockRatioMax == 0
            ? 0
            : CoreConfig.leaseTicks(electionTimeoutTicks, leaseClockRatioMax),
        limits);
  }
}
