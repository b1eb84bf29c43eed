package dev.balsa.node;

import dev.balsa.fsm.Activities;
import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.DatabaseStateMachine;
import dev.balsa.fsm.FsmConfig;
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
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import dev.balsa.sqlite.SqliteLibrary;
import dev.balsa.sqlite.SqliteLibraryException;
import dev.balsa.transport.TcpTransport;
import dev.balsa.transport.TransportConfig;
import dev.balsa.transport.TransportException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts a node together, from its data folder up to Raft. */
final class NodeStart {
  private final BalsaConfig config;
  private final Deque<Runnable> closing;

  /** What a node consists of. */
  record Started(
      Path folder,
      String sqlite,
      DatabaseStateMachine machine,
      Readiness readiness,
      TcpTransport transport,
      RaftNode raft) {}

  /**
   * Starts nothing yet.
   *
   * @param closing gets what closes each part, the latest first; also of a start that fails
   */
  NodeStart(BalsaConfig config, Deque<Runnable> closing) {
    this.config = config;
    this.closing = closing;
  }

  /**
   * Starts all of it.
   *
   * @param onLeadership called on the node's event loop
   * @param activities told of work that may hold up transactions
   */
  Started run(Consumer<Leadership> onLeadership, Activities activities, NodeParts parts) {
    long id = config.nodeId();
    DataFolder folder = new DataFolder(config.dataFolder().toAbsolutePath().normalize());
    FolderLock lock = FolderLock.take(folder);
    closing.push(lock::close);
    // Loading the library takes as long as opening the log; neither needs the other.
    CompletableFuture<String> library = inBackground(SqliteLibrary::describe);
    LogStore store;
    String sqlite;
    try {
      ChronicleLogStore opened = ChronicleLogStore.open(folder.log(), logConfig(activities));
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
            raftConfig(),
            store,
            new ClusterIdFile(folder.clusterId()),
            new ListeningTransport(transport, readiness::heard),
            readiness);
    closing.push(raft::close);
    machine.attach(parts.consensus(raft), member -> addressOf(member, config, raft.status()));
    machine.heal(raft);
    return new Started(folder.path(), sqlite, machine, readiness, transport, raft);
  }

  private LogStoreConfig logConfig(Activities activities) {
    LogStoreConfig store =
        LogStoreConfig.of(config.nodeId()).withBlockBytes(config.logSegmentBytes());
    return activities == Activities.UNWATCHED
        ? store
        : store.withFiles(new WatchedFiles(store.files(), activities));
  }

  private RaftConfig raftConfig() {
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
  static @Nullable String addressOf(long node, BalsaConfig config, RaftStatus status) {
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

  /** What is told to whoever wanted the node. */
  static RuntimeException failure(BalsaConfig config, Throwable e) {
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
}
