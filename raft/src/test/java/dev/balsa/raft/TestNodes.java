package dev.balsa.raft;

import dev.balsa.raft.MemoryNetwork.MemoryTransport;
import dev.balsa.raft.core.Configuration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Nodes in one JVM. Time is real, so nothing here depends on how long a thing takes. */
final class TestNodes implements AutoCloseable {
  static final long GUARD_SECONDS = 60;

  final MemoryNetwork network = new MemoryNetwork();
  final SortedSet<Long> ids = new TreeSet<>();
  private final Map<Long, Running> running = new TreeMap<>();
  private final Map<Long, MemoryLogStore> logs = new TreeMap<>();
  private final Map<Long, MemoryClusterId> clusterIds = new TreeMap<>();
  private UnaryOperator<RaftConfig> setting = config -> config;

  record Running(
      RaftNode node, MemoryTransport transport, MemoryLogStore log, RecordingMachine machine) {}

  TestNodes(int size) {
    for (long id = 1; id <= size; id++) {
      ids.add(id);
      logs.put(id, new MemoryLogStore());
    }
  }

  static TestNodes started(int size) {
    TestNodes nodes = new TestNodes(size);
    nodes.ids.forEach(nodes::start);
    return nodes;
  }

  /** Lets all nodes that are started from now on run with other settings. */
  TestNodes with(UnaryOperator<RaftConfig> change) {
    setting = change;
    return this;
  }

  RaftConfig config(long id, @Nullable UUID clusterId) {
    Configuration initial = ids.contains(id) ? Configuration.ofVoters(ids) : Configuration.EMPTY;
    return setting.apply(
        RaftConfig.of(id, initial)
            .withClusterId(clusterId)
            .withTimes(Duration.ofMillis(10), 3, 20)
            .withClock(Clock.system(), 7 * id));
  }

  Running start(long id) {
    return start(id, new RecordingMachine(), null);
  }

  Running start(long id, RecordingMachine machine, @Nullable UUID clusterId) {
    MemoryTransport transport = network.open(id);
    MemoryLogStore log = log(id);
    try {
      RaftNode node = RaftNode.start(config(id, clusterId), log, clusterId(id), transport, machine);
      Running started = new Running(node, transport, log, machine);
      running.put(id, started);
      return started;
    } catch (RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  MemoryLogStore log(long id) {
    return logs.computeIfAbsent(id, unknown -> new MemoryLogStore());
  }

  /** What the node keeps of the cluster's id. */
  MemoryClusterId clusterId(long id) {
    return clusterIds.computeIfAbsent(id, unknown -> new MemoryClusterId());
  }

  Running get(long id) {
    return Objects.requireNonNull(running.get(id), "node " + id + " is not running");
  }

  List<Running> all() {
    return new ArrayList<>(running.values());
  }

  void stop(long id) {
    Running stopped = Objects.requireNonNull(running.remove(id));
    stopped.node.close();
    stopped.transport.close();
  }

  /** Stops a node as a power failure would: what it has not forced is lost. */
  void crash(long id) {
    MemoryLogStore log = get(id).log;
    stop(id); // first: what it forces until then, it may promise
    logs.put(id, log.crash());
  }

  /**
   * Waits for an established leader that is none of the given nodes, and has the members in its
   * log.
   */
  Running awaitLeader(Long... except) {
    List<Long> excluded = List.of(except);
    List<Running> found = new ArrayList<>();
    await(
        "a leader",
        () -> {
          for (Running candidate : running.values()) {
            RaftStatus status = candidate.node.status();
            if (candidate.node.leadership().established()
                && status.configurationIndex() > 0
                && status.configurationCommitted()
                && !excluded.contains(candidate.node.status().nodeId())) {
              found.add(candidate);
              return true;
            }
          }
          return false;
        });
    return found.get(0);
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  static CompletableFuture<ProposalOutcome> propose(Running at, String command) {
    return at.node.propose(at.node.leadership().term(), command.getBytes(StandardCharsets.UTF_8));
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(GUARD_SECONDS, TimeUnit.SECONDS);
  }

  /** A story about a cluster; false if it did not take place, since the leader had changed. */
  interface Story {
    boolean tell(TestNodes nodes) throws Exception;
  }

  /** Tells a story that needs a leader to stay for a moment, until on a busy machine one does. */
  static void untilToldOfThree(Story story) throws Exception {
    untilTold(() -> started(3), story);
  }

  /** The same with other nodes. */
  static void untilTold(Supplier<TestNodes> cast, Story story) throws Exception {
    boolean told = false;
    for (int i = 0; i < 20 && !told; i++) {
      try (TestNodes nodes = cast.get()) {
        told = story.tell(nodes);
      }
    }
    if (!told) {
      throw new AssertionError("no leader ever stayed");
    }
  }

  /** Proposes wherever there is a leader until it is committed. */
  void commit(String command) throws Exception {
    while (true) {
      if (get(propose(awaitLeader(), command)) instanceof ProposalOutcome.Committed) {
        return;
      }
    }
  }

  /** Changes the members, wherever there is a leader, until it is done. */
  void change(UnaryOperator<Configuration> change) throws Exception {
    while (true) {
      Running leader = awaitLeader();
      RaftStatus status = leader.node.status();
      Configuration target = change.apply(status.configuration());
      if (target.equals(status.configuration()) && status.configurationCommitted()) {
        return;
      }
      if (!status.configuration().isJoint()
          && get(leader.node.changeMembership(status.leadership().term(), target))
              instanceof MembershipOutcome.Changed) {
        return;
      }
    }
  }

  void awaitCommands(String... commands) {
    for (Running node : running.values()) {
      await(
          "commands on node " + node.node.status().nodeId(),
          () -> node.machine.commands().containsAll(List.of(commands)));
    }
  }

  @Override
  public void close() {
    for (Long id : new ArrayList<>(running.keySet())) {
      get(id).log.hang(false);
      stop(id);
    }
  }
}
