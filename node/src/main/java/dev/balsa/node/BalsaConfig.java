package dev.balsa.node;

import dev.balsa.raft.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How one node runs. Immutable; made by {@link #builder()} or read from a file by {@link
 * ConfigFile#read}.
 *
 * <p>Needed are the node's id, its data folder and the address where it listens to its peers;
 * everything else has a default. A node without peers is a cluster of one.
 *
 * <pre>{@code
 * BalsaConfig config = BalsaConfig.builder()
 *     .nodeId(1)
 *     .dataFolder(Path.of("/var/lib/app/balsa"))
 *     .listen("10.0.0.1:7001")
 *     .peer(2, "10.0.0.2:7001")
 *     .peer(3, "10.0.0.3:7001")
 *     .build();
 * }</pre>
 */
public final class BalsaConfig {
  /** How long a follower waits for its leader, unless set: see {@link Builder#electionTimeout}. */
  public static final Duration ELECTION_TIMEOUT_DEFAULT = Duration.ofMillis(600);

  /** How often a leader is heard from, unless set: see {@link Builder#heartbeat}. */
  public static final Duration HEARTBEAT_DEFAULT = Duration.ofMillis(100);

  /** How long the scrub takes for all pages, unless set: see {@link Builder#scrubPeriod}. */
  public static final Duration SCRUB_PERIOD_DEFAULT = Duration.ofDays(7);

  private final long nodeId;
  private final Path dataFolder;
  private final NodeAddress listen;
  private final Map<Long, NodeAddress> peers;
  private final @Nullable UUID clusterId;
  private final @Nullable NodeAddress statusListen;
  private final Duration heartbeat;
  private final Duration electionTimeout;
  private final Duration scrubPeriod;
  private final Clock clock;
  private final @Nullable Long randomSeed;

  private BalsaConfig(
      long nodeId, Path dataFolder, NodeAddress listen, Map<Long, NodeAddress> peers, Builder b) {
    this.nodeId = nodeId;
    this.dataFolder = dataFolder;
    this.listen = listen;
    this.peers = peers;
    this.clusterId = b.clusterId;
    this.statusListen = b.statusListen;
    this.heartbeat = b.heartbeat;
    this.electionTimeout = b.electionTimeout;
    this.scrubPeriod = b.scrubPeriod;
    this.clock = b.clock;
    this.randomSeed = b.randomSeed;
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** This node's id, from 1; unique in the cluster, and the same for the life of its folder. */
  public long nodeId() {
    return nodeId;
  }

  /** The folder that holds all that this node keeps. Made if it is missing. */
  public Path dataFolder() {
    return dataFolder;
  }

  /** Where this node listens to its peers; what its peers have as its address. */
  public NodeAddress listen() {
    return listen;
  }

  /** The other voting members, by node id; unmodifiable, ascending, without this node. */
  public Map<Long, NodeAddress> peers() {
    return peers;
  }

  /** The cluster's id; empty if the first leader shall make one. */
  public Optional<UUID> clusterId() {
    return Optional.ofNullable(clusterId);
  }

  /** Where the status page is served; empty if nowhere. Port 0 means any free port. */
  public Optional<NodeAddress> statusListen() {
    return Optional.ofNullable(statusListen);
  }

  /** A leader is heard from at least this often. */
  public Duration heartbeat() {
    return heartbeat;
  }

  /**
   * A follower that hears nothing for this long, and up to as long again, asks for an election. One
   * whose leader's process has ended does not wait for the first part.
   */
  public Duration electionTimeout() {
    return electionTimeout;
  }

  /** Every page of the databases is read and compared once in this time; never if it is zero. */
  public Duration scrubPeriod() {
    return scrubPeriod;
  }

  /** What the node measures time by. */
  public Clock clock() {
    return clock;
  }

  /** Seed of the election timeouts' randomness; empty if it shall be a fresh one at each start. */
  public Optional<Long> randomSeed() {
    return Optional.ofNullable(randomSeed);
  }

  /** The address of a member, this node included; null if there is no such member. */
  public @Nullable String addressOf(long member) {
    NodeAddress address = member == nodeId ? listen : peers.get(member);
    return address == null ? null : address.toString();
  }

  /** Collects settings; each is checked as it is given, and all together in {@link #build}. */
  public static final class Builder {
    private @Nullable Long nodeId;
    private @Nullable Path dataFolder;
    private @Nullable NodeAddress listen;
    private final Map<Long, NodeAddress> peers = new TreeMap<>();
    private @Nullable UUID clusterId;
    private @Nullable NodeAddress statusListen;
    private Duration heartbeat = HEARTBEAT_DEFAULT;
    private Duration electionTimeout = ELECTION_TIMEOUT_DEFAULT;
    private Duration scrubPeriod = SCRUB_PERIOD_DEFAULT;
    private Clock clock = Clock.system();
    private @Nullable Long randomSeed;

    private Builder() {}

    /** Sets {@link BalsaConfig#nodeId()}: from 1 to 65535. */
    public Builder nodeId(long value) {
      nodeId = checkedId(value);
      return this;
    }

    /** Sets {@link BalsaConfig#dataFolder()}. */
    public Builder dataFolder(Path value) {
      dataFolder = value;
      return this;
    }

    /** Sets {@link BalsaConfig#listen()}, as {@code HOST:PORT}. */
    public Builder listen(String address) {
      listen = withPort(address);
      return this;
    }

    /** Adds a peer, as {@code HOST:PORT}. */
    public Builder peer(long id, String address) {
      if (peers.putIfAbsent(checkedId(id), withPort(address)) != null) {
        throw new IllegalArgumentException("peer " + id + " is given twice");
      }
      return this;
    }

    /** Sets {@link BalsaConfig#clusterId()}. */
    public Builder clusterId(UUID value) {
      clusterId = value;
      return this;
    }

    /** Sets {@link BalsaConfig#statusListen()}, as {@code HOST:PORT}. */
    public Builder statusListen(String address) {
      statusListen = NodeAddress.parse(address);
      return this;
    }

    /** Sets {@link BalsaConfig#heartbeat()}: from 5 ms. */
    public Builder heartbeat(Duration value) {
      if (value.toMillis() < 5) {
        throw new IllegalArgumentException("a heartbeat is at least 5 ms, not " + value.toMillis());
      }
      heartbeat = value;
      return this;
    }

    /** Sets {@link BalsaConfig#electionTimeout()}: at least three heartbeats. */
    public Builder electionTimeout(Duration value) {
      electionTimeout = value;
      return this;
    }

    /** Sets {@link BalsaConfig#scrubPeriod()}: zero, for never, or at most 3650 days. */
    public Builder scrubPeriod(Duration value) {
      if (value.isNegative() || value.toDays() > 3650) {
        throw new IllegalArgumentException(
            "a scrub's period is from 0 to 3650 days, not " + value.toSeconds() + " s");
      }
      scrubPeriod = value;
      return this;
    }

    /** Sets {@link BalsaConfig#clock()}. */
    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    /** Sets {@link BalsaConfig#randomSeed()}. */
    public Builder randomSeed(long value) {
      randomSeed = value;
      return this;
    }

    /**
     * Makes the configuration.
     *
     * @throws IllegalArgumentException with one sentence, if something needed is missing or two
     *     settings contradict each other
     */
    public BalsaConfig build() {
      Long id = needed(nodeId, "a node id");
      Path folder = needed(dataFolder, "a data folder");
      NodeAddress address = needed(listen, "an address to listen at");
      if (peers.containsKey(id)) {
        throw new IllegalArgumentException("node " + id + " is given as its own peer");
      }
      if (electionTimeout.compareTo(heartbeat.multipliedBy(3)) < 0) {
        throw new IllegalArgumentException(
            "the election timeout of "
                + electionTimeout.toMillis()
                + " ms is less than three heartbeats of "
                + heartbeat.toMillis()
                + " ms");
      }
      TreeMap<NodeAddress, Long> owners =
          new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
      owners.put(address, id);
      peers.forEach(
          (peer, at) -> {
            Long other = owners.put(at, peer);
            if (other != null) {
              throw new IllegalArgumentException(
                  "nodes " + other + " and " + peer + " have the same address " + at);
            }
          });
      return new BalsaConfig(
          id, folder, address, Collections.unmodifiableMap(new TreeMap<>(peers)), this);
    }

    private static <T> T needed(@Nullable T value, String what) {
      if (value == null) {
        throw new IllegalArgumentException("a node needs " + what);
      }
      return value;
    }

    private static long checkedId(long id) {
      if (id < 1 || id > 65535) {
        throw new IllegalArgumentException("a node id is a number from 1 to 65535, not " + id);
      }
      return id;
    }

    private static NodeAddress withPort(String text) {
      NodeAddress address = NodeAddress.parse(text);
      if (address.port() == 0) {
        throw new IllegalArgumentException(
            "'" + text + "' has no port that peers could know: one from 1 to 65535 is wanted");
      }
      return address;
    }
  }
}
