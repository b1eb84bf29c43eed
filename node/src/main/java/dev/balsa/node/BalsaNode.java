package dev.balsa.node;

import dev.balsa.fsm.Activities;
import dev.balsa.fsm.DatabaseStateMachine;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.node.NodeStatus.PeerStatus;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.RaftStatus;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.transport.LinkStatus;
import dev.balsa.transport.TcpTransport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
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

  private BalsaNode(BalsaConfig config, NodeStart.Started started, Deque<Runnable> closing) {
    this.config = config;
    this.sqlite = started.sqlite();
    this.machine = started.machine();
    this.readiness = started.readiness();
    this.transport = started.transport();
    this.raft = started.raft();
    this.membership =
        new Membership(raft, member -> NodeStart.addressOf(member, config, raft.status()));
    this.closing = closing;
    this.statusServer =
        config
            .statusListen()
            .map(address -> StatusServer.start(address, config.nodeId(), this::status))
            .orElse(null);
    if (statusServer != null) {
      closing.push(statusServer::close);
    }
    log.info("node {} runs on {} with {}", config.nodeId(), started.folder(), sqlite);
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
      NodeStart start = new NodeStart(config, closing);
      return new BalsaNode(config, start.run(onLeadership, activities, parts), closing);
    } catch (RuntimeException | Error e) {
      closeAll(closing, e);
      throw NodeStart.failure(config, e);
    }
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
        leadership.leaderId() == 0
            ? null
            : NodeStart.addressOf(leadership.leaderId(), config, status),
        readiness.isReady(),
        status.firstIndex(),
        status.lastIndex(),
        status.commitIndex(),
        status.appliedIndex(),
        status.logBytes(),
        status.storageFull(),
        machine.databases(),
        machine.scrub(),
        MemberList.of(status, node -> NodeStart.addressOf(node, config, status)),
        status.configurationCommitted() && !status.configuration().isJoint(),
        transport.status().links().stream().map(link -> peer(link, status)).toList(),
        failure == null ? null : failure.toString());
  }

  private PeerStatus peer(LinkStatus link, RaftStatus status) {
    return new PeerStatus(
        link.peer(),
        String.valueOf(NodeStart.addressOf(link.peer(), config, status)),
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
                + NodeStart.addressOf(first.peer(), config, status)
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
