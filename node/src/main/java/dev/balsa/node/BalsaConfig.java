package dev.balsa.node;

import dev.balsa.fsm.CheckpointPolicy;
import dev.balsa.raft.Clock;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.log.LogStoreConfig;
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
  private final double leaseClockRatioMax;
  private final Duration scrubPeriod;
  private final Clock clock;
  private final @Nullable Long randomSeed;
  private final boolean joining;
  private final CheckpointPolicy checkpoints;
  private final int logSegmentBytes;
  private final long logRetainedBytes;

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
    this.leaseClockRatioMax = b.leaseClockRatioMax;
    this.scrubPeriod = b.scrubPeriod;
    this.clock = b.clock;
    this.randomSeed = b.randomSeed;
    this.joining = b.joining;
    this.checkpoints = b.checkpoints;
    this.logSegmentBytes = b.logSegmentBytes;
    this.logRetainedBytes = b.logRetainedBytes;
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

  /**
   * Bound on how much faster one node's clock may run than another's, for reads by the leader's
   * lease ({@link dev.balsa.fsm.ReadMode#LEASE}); 0, the default, if there are no leases. It must
   * be the same on all nodes. With leases, a node that has been started votes for nobody for an
   * election timeout, and followers wait out that timeout also when the leader's process has ended.
   */
  public double leaseClockRatioMax() {
    return leaseClockRatioMax;
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

  /** Whether this node is none of the cluster's first members, and is to be added to it. */
  public boolean joining() {
    return joining;
  }

  /** When the databases' WALs go into their main files. */
  public CheckpointPolicy checkpoints() {
    return checkpoints;
  }

  /** Size of the log's files, in bytes: what is not needed any more goes by whole files. */
  public int logSegmentBytes() {
    return logSegmentBytes;
  }

  /** Bytes of the log that are kept although the databases do not need them any more. */
  public long logRetainedBytes() {
    return logRetainedBytes;
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
    private double leaseClockRatioMax;
    private Duration scrubPeriod = SCRUB_PERIOD_DEFAULT;
    private Clock clock = Clock.system();
    private @Nullable Long randomSeed;
    private boolean joining;
    private CheckpointPolicy checkpoints = CheckpointPolicy.DEFAULT;
    private int logSegmentBytes = LogStoreConfig.BLOCK_BYTES_DEFAULT;
    private long logRetainedBytes = Limits.DEFAULT.retainedBytesMax();

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

    /** Sets {@link BalsaConfig#leaseClockRatioMax()}: from 1 to 2, or 0 for no leases. */
    public Builder leaseClockRatioMax(double value) {
      if (value != 0 && !(value >= 1 && value <= 2)) {
        throw new IllegalArgumentException(
            "a bound on the ratio of two clocks is from 1 to 2, or 0 for no leases, not " + value);
      }
      leaseClockRatioMax = value;
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
     * Sets {@link BalsaConfig#joining()}: the node waits until a leader has made it a member
     * ({@link BalsaNode#setMember}), and votes for nobody before. Its peers are those that it may
     * hear from first. For a new node of a cluster that runs already; without effect once its log
     * tells the members.
     */
    public Builder joining() {
      joining = true;
      return this;
    }

    /** Sets {@link BalsaConfig#checkpoints()}. */
    public Builder checkpoints(CheckpointPolicy value) {
      checkpoints = value;
      return this;
    }

    /** Sets {@link BalsaConfig#logSegmentBytes()}: from 16 MiB to 1 GiB, 64 MiB if not set. */
    public Builder logSegmentBytes(int value) {
      if (value < LogStoreConfig.BLOCK_BYTES_FOR_ANY_ENTRY
          || value > 1 << 30
          || value % 4096 != 0) {
        throw new IllegalArgumentException(
            "a log segment is from 16 MiB to 1 GiB, in multiples of 4 KiB, not "
                + value
                + " bytes");
      }
      logSegmentBytes = value;
      return this;
    }

    /**
     * Sets {@link BalsaConfig#logRetainedBytes()}: 64 MiB if not set. A member that lags by less is
     * sent entries, and not the main files.
     */
    public Builder logRetainedBytes(long value) {
      if (value < 0) {
        throw new IllegalArgumentException("the log keeps at least 0 bytes, not " + value);
      }
      logRetainedBytes = value;
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
