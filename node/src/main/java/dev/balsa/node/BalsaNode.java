package dev.balsa.node;

import dev.balsa.fsm.Activities;
import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.DatabaseStateMachine;
import dev.balsa.fsm.FsmConfig;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.node.NodeStatus.PeerStatus;
import dev.balsa.raft.ClusterIdFile;
import dev.balsa.raft.ClusterMismatchException;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.RaftConfig;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.RaftStatus;
import dev.balsa.raft.UnknownFormatException;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import dev.balsa.sqlite.SqliteLibrary;
import dev.balsa.sqlite.SqliteLibraryException;
import dev.balsa.transport.LinkStatus;
import dev.balsa.transport.TcpTransport;
import dev.balsa.transport.TransportConfig;
import dev.balsa.transport.TransportException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a cluster, embedded in an application. Thread-safe.
 *
 * <pre>{@code
 * try (BalsaNode node = BalsaNode.start(config)) {
 *   node.awaitReady(Duration.ofSeconds(30));
 *   try (Session session = node.session("app")) {
 *     session.execute("INSERT INTO notes(text) VALUES (?)", "hello");
 *   }
 * }
 * }</pre>
 *
 * <p>Several nodes may run in one process, each on a data folder of its own.
 */
public final class BalsaNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BalsaNode.class);

  private final BalsaConfig config;
  private final String sqlite;
  private final DatabaseStateMachine machine;
  private final Readiness readiness;
  private final TcpTransport transport;
  private final RaftNode raft;
  private final Membership membership;
  private final Deque<Runnable> closing;
  private final @Nullable StatusServer statusServer;
  private boolean closed;

  private BalsaNode(
      BalsaConfig config,
      String sqlite,
      DatabaseStateMachine machine,
      Readiness readiness,
      TcpTransport transport,
      RaftNode raft,
      Deque<Runnable> closing) {
    this.config = config;
    this.sqlite = sqlite;
    this.machine = machine;
    this.readiness = readiness;
    this.transport = transport;
    this.raft = raft;
    this.membership = new Membership(raft, member -> addressOf(member, config, raft.status()));
    this.closing = closing;
    this.statusServer =
        config
            .statusListen()
            .map(address -> StatusServer.start(address, config.nodeId(), this::status))
            .orElse(null);
    if (statusServer != null) {
      closing.push(statusServer::close);
    }
  }

  /**
   * Starts a node: takes its data folder, recovers its databases from its log, and begins to talk
   * to its peers. Returns before there is a leader: see {@link #awaitReady}.
   *
   * @throws NodeStartException if that is not possible; nothing is left running
   */
  public static BalsaNode start(BalsaConfig config) {
    return start(config, leadership -> {});
  }

  /**
   * Starts a node, with somebody who is told at each change of its role, its term, or the leader
   * that it knows.
   *
   * @param onLeadership called on the node's event loop: it must return at once
   * @throws NodeStartException if that is not possible; nothing is left running
   */
  public static BalsaNode start(BalsaConfig config, Consumer<Leadership> onLeadership) {
    return start(config, onLeadership, Activities.UNWATCHED);
  }

  /**
   * Starts a node, with somebody who is told besides of work that may hold up transactions.
   *
   * @param onLeadership called on the node's event loop: it must return at once
   * @param activities told of such work, by the threads that do it
   * @throws NodeStartException if that is not possible; nothing is left running
   */
  public static BalsaNode start(
      BalsaConfig config, Consumer<Leadership> onLeadership, Activities activities) {
    return start(config, onLeadership, activities, NodeParts.PRODUCT);
  }

  /** As above, put together from other parts: for tests. */
  static BalsaNode start(
      BalsaConfig config,
      Consumer<Leadership> onLeadership,
      Activities activities,
      NodeParts parts) {
    Deque<Runnable> closing = new ArrayDeque<>();
    try {
      return start(config, onLeadership, activities, parts, closing);
    } catch (RuntimeException | Error e) {
      closeAll(closing, e);
      throw startFailure(config, e);
    }
  }

  private static BalsaNode start(
      BalsaConfig config,
      Consumer<Leadership> onLeadership,
      Activities activities,
      NodeParts parts,
      Deque<Runnable> closing) {
    long id = config.nodeId();
    DataFolder folder = new DataFolder(config.dataFolder().toAbsolutePath().normalize());
    FolderLock lock = FolderLock.take(folder);
    closing.push(lock::close);
    // Loading the library takes as long as opening the log; neither needs the other.
    CompletableFuture<String> library = inBackground(SqliteLibrary::describe);
    LogStore store;
    String sqlite;
    try {
      ChronicleLogStore opened =
          ChronicleLogStore.open(folder.log(), logConfig(config, activities));
      closing.push(opened::close);
      store = parts.log(opened);
    } finally {
      library.handle((text, failure) -> text).join();
    }
    sqlite = resultOf(library);
    DatabaseStateMachine machine =
        parts.machine(
            FsmConfig.of(folder.databases(), Long.toString(id))
                .withCheckpoints(config.checkpoints())
                .withActivities(activities)
                .withScrubPeriod(config.scrubPeriod()),
            store);
    closing.push(machine::close);
    Map<Long, InetSocketAddress> peers = new TreeMap<>();
    config
        .peers()
        .forEach(
            (peer, at) ->
                peers.put(peer, InetSocketAddress.createUnresolved(at.host(), at.port())));
    TcpTransport transport =
        new TcpTransport(TransportConfig.of(id, config.listen().resolve(), peers));
    closing.push(transport::close);
    Readiness readiness = new Readiness(machine, onLeadership);
    RaftNode raft =
        parts.raft(
            raftConfig(config),
            store,
            new ClusterIdFile(folder.clusterId()),
            new ListeningTransport(transport, readiness::heard),
            readiness);
    closing.push(raft::close);
    machine.attach(parts.consensus(raft), member -> addressOf(member, config, raft.status()));
    machine.heal(raft);
    BalsaNode node = new BalsaNode(config, sqlite, machine, readiness, transport, raft, closing);
    log.info("node {} runs on {} with {}", id, folder.path(), sqlite);
    return node;
  }

  private static LogStoreConfig logConfig(BalsaConfig config, Activities activities) {
    LogStoreConfig store =
        LogStoreConfig.of(config.nodeId()).withBlockBytes(config.logSegmentBytes());
    return activities == Activities.UNWATCHED
        ? store
        : store.withFiles(new WatchedFiles(store.files(), activities));
  }

  private static RaftConfig raftConfig(BalsaConfig config) {
    TreeSet<Long> voters = new TreeSet<>(config.peers().keySet());
    voters.add(config.nodeId());
    // A fifth of a heartbeat: fine enough to spread the elections' random timeouts.
    Duration tick = config.heartbeat().dividedBy(5);
    // Without addresses: each node has its own idea of the others', and of its own.
    RaftConfig raft =
        config.joining()
            ? RaftConfig.of(config.nodeId(), Configuration.EMPTY)
            : RaftConfig.of(config.nodeId(), voters);
    return raft.withLimits(raft.limits().withRetainedBytes(config.logRetainedBytes()))
        .withClusterId(config.clusterId().orElse(null))
        .withTimes(tick, 5, (int) config.electionTimeout().dividedBy(tick))
        .withLeases(config.leaseClockRatioMax())
        .withClock(
            config.clock(),
            config.randomSeed().orElseGet(() -> System.nanoTime() ^ (config.nodeId() << 48)));
  }

  /** By the cluster's configuration, or if that does not tell, by this node's own. */
  private static @Nullable String addressOf(long node, BalsaConfig config, RaftStatus status) {
    Configuration.Member member = status.configuration().members().get(node);
    return member == null || member.address().isEmpty() ? config.addressOf(node) : member.address();
  }

  private static <T> CompletableFuture<T> inBackground(Supplier<T> work) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                future.complete(work.get());
              } catch (Throwable t) { // rethrown by who asks for the result
                future.completeExceptionally(t);
              }
            },
            "balsa-loads-sqlite");
    thread.setDaemon(true);
    thread.start();
    return future;
  }

  private static <T> T resultOf(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      throw cause instanceof RuntimeException exception ? exception : e;
    }
  }

  private static RuntimeException startFailure(BalsaConfig config, Throwable e) {
    StartFailure failure;
    if (e instanceof NodeStartException known) {
      return known;
    } else if (e instanceof SqliteLibraryException) {
      failure = StartFailure.SQLITE_NOT_USABLE;
    } else if (e instanceof UnknownFormatException) {
      failure = StartFailure.UNKNOWN_LOG_FORMAT;
    } else if (e instanceof LogStoreException) {
      failure = StartFailure.LOG_NOT_USABLE;
    } else if (e instanceof TransportException) {
      failure = StartFailure.ADDRESS_NOT_USABLE;
    } else if (e instanceof ClusterMismatchException) {
      failure = StartFailure.BAD_CONFIGURATION;
    } else if (e instanceof BalsaException) {
      failure = StartFailure.RECOVERY_FAILED;
    } else if (e instanceof Error error) {
      throw error;
    } else {
      failure = StartFailure.RECOVERY_FAILED;
    }
    String message = e.getMessage();
    return new NodeStartException(
        failure, message == null ? "node " + config.nodeId() + " cannot start: " + e : message, e);
  }

  /**
   * Waits until the node is ready: until it has applied everything that was committed when it first
   * heard of a leader, or leads itself.
   *
   * @return whether it is ready; false if time was up, or the node has ended before
   */
  public boolean awaitReady(Duration timeout) throws InterruptedException {
    return readiness.awaitReady(timeout.toNanos());
  }

  /**
   * Waits until the node leads, and may write and read.
   *
   * @return whether it does; false if time was up, or the node has ended before
   */
  public boolean awaitLeading(Duration timeout) throws InterruptedException {
    return readiness.awaitLeading(timeout.toNanos());
  }

  /**
   * Waits until the node has been closed or has failed: see {@link #failure}.
   *
   * @return whether that is so; false if time was up
   */
  public boolean awaitEnd(Duration timeout) throws InterruptedException {
    return readiness.awaitEnd(timeout.toNanos());
  }

  /** What the node has failed of; null while it runs, and if it was closed. */
  public @Nullable Throwable failure() {
    return readiness.failure();
  }

  /**
   * Opens a session on a database, with {@link SessionOptions#DEFAULT}: it writes and reads on the
   * leader. The database is made by its first use there.
   */
  public Session session(String database) {
    return session(database, SessionOptions.DEFAULT);
  }

  /** Opens a session on a database. */
  public Session session(String database, SessionOptions options) {
    return machine.session(database, options);
  }

  /**
   * Drops a database on all nodes: its content is gone, and transactions on it that are not
   * committed yet fail. Its name can be used again, for another database. On the leader.
   *
   * @param timeout how long to wait for a quorum
   * @throws dev.balsa.fsm.NotAppliedException if there is none, or it is certain that it was not
   *     dropped; {@link dev.balsa.fsm.NotLeaderException} names the leader
   * @throws dev.balsa.fsm.OutcomeUnknownException if it may still be dropped
   */
  public void dropDatabase(String database, Duration timeout) {
    machine.drop(database, timeout);
  }

  /**
   * Makes a node a member, or gives a member another role or address. On the leader. A new node
   * becomes a standby first, which gets the databases and the log, and a voter once it has caught
   * up; see {@link BalsaConfig.Builder#joining}.
   *
   * @param id the node; never that of an earlier node with another data folder
   * @param address where the others reach it, as {@code HOST:PORT}
   * @param timeout how long to wait until the change is committed
   * @throws dev.balsa.fsm.NotAppliedException if it is certain that nothing has changed; it says
   *     why
   * @throws dev.balsa.fsm.OutcomeUnknownException if it may still come about
   */
  public void setMember(long id, MemberRole role, String address, Duration timeout) {
    NodeAddress at = NodeAddress.parse(address);
    membership.change(
        "node " + id + " is to be a " + role.name().toLowerCase(Locale.ROOT),
        present -> present.with(id, role, at.toString()),
        timeout);
  }

  /**
   * Removes a member: it is not asked any more, and gets nothing more. On the leader, which ends
   * its leadership if it is itself removed. Errors are those of {@link #setMember}.
   */
  public void removeMember(long id, Duration timeout) {
    membership.change("node " + id + " is to be removed", present -> present.without(id), timeout);
  }

  /**
   * Lets another node lead, which is brought up to date first. On the leader; transactions that are
   * in flight meanwhile may fail as not applied or as unknown.
   *
   * @param target a voter, or 0 for the one whose log is the longest
   */
  public void transferLeadership(long target, Duration timeout) {
    membership.transfer(target, timeout);
  }

  /** The node's present state; after its end, its last. */
  public NodeStatus status() {
    RaftStatus status = raft.status();
    Leadership leadership = status.leadership();
    Throwable failure = status.failure();
    return new NodeStatus(
        BalsaVersion.get(),
        sqlite,
        config.nodeId(),
        status.clusterId(),
        leadership.role(),
        leadership.term(),
        leadership.leaderId(),
        leadership.leaderId() == 0 ? null : addressOf(leadership.leaderId(), config, status),
        readiness.isReady(),
        status.firstIndex(),
        status.lastIndex(),
        status.commitIndex(),
        status.appliedIndex(),
        status.logBytes(),
        status.storageFull(),
        machine.databases(),
        machine.scrub(),
        MemberList.of(status, node -> addressOf(node, config, status)),
        status.configurationCommitted() && !status.configuration().isJoint(),
        transport.status().links().stream().map(link -> peer(link, status)).toList(),
        failure == null ? null : failure.toString());
  }

  private PeerStatus peer(LinkStatus link, RaftStatus status) {
    return new PeerStatus(
        link.peer(),
        String.valueOf(addressOf(link.peer(), config, status)),
        link.sending(),
        link.receiving(),
        link.bytesOut(),
        link.bytesIn(),
        link.trouble());
  }

  /**
   * Whether this node, not ready yet, has no hope of becoming so: the peers that it could reach
   * speak another version of the protocol, and no quorum is left without them.
   *
   * @return why, with {@link StartFailure#UNKNOWN_PEER_FORMAT}; empty as long as there is hope. A
   *     node that is ready is not impressed by such peers.
   */
  public Optional<NodeStartException> cannotJoin() {
    if (readiness.isReady()) {
      return Optional.empty();
    }
    RaftStatus status = raft.status();
    SortedSet<Long> voters = status.configuration().voters();
    List<LinkStatus> strange =
        transport.status().links().stream()
            .filter(link -> link.unknownVersion() && voters.contains(link.peer()))
            .toList();
    if (voters.size() - strange.size() >= voters.size() / 2 + 1) {
      return Optional.empty();
    }
    LinkStatus first = strange.get(0);
    return Optional.of(
        new NodeStartException(
            StartFailure.UNKNOWN_PEER_FORMAT,
            "node "
                + config.nodeId()
                + " cannot join: node "
                + first.peer()
                + " at "
                + addressOf(first.peer(), config, status)
                + " speaks an "
                + first.trouble()
                + ", and without such peers there is no quorum",
            null));
  }

  /** Where the status page is served; empty if it is not configured. */
  public Optional<InetSocketAddress> statusAddress() {
    return Optional.ofNullable(statusServer).map(StatusServer::address);
  }

  /** This node's configuration. */
  public BalsaConfig config() {
    return config;
  }

  /**
   * Stops the node: what is in flight ends with an exception that says whether its fate is known.
   * Waits until everything is closed. Closing again does nothing.
   */
  @Override
  public void close() {
    synchronized (closing) {
      if (closed) {
        return;
      }
      closed = true;
      readiness.close();
      RuntimeException failed = new IllegalStateException("the node could not be closed in full");
      closeAll(closing, failed);
      if (failed.getSuppressed().length > 0) {
        throw failed;
      }
      log.info("node {} is closed", config.nodeId());
    }
  }

  /** Closes everything, the latest first, whatever fails on the way. */
  private static void closeAll(Deque<Runnable> closing, Throwable problems) {
    for (Runnable close = closing.poll(); close != null; close = closing.poll()) {
      try {
        close.run();
      } catch (RuntimeException | Error e) {
        problems.addSuppressed(e);
      }
    }
  }
}
