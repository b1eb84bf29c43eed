package dev.balsa.jepsen.durability;

import dev.balsa.demo.FreePorts;
import dev.balsa.fsm.DatabaseStateMachine;
import dev.balsa.fsm.FsmConfig;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.raft.Clock;
import dev.balsa.raft.ClusterIdFile;
import dev.balsa.raft.RaftConfig;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import dev.balsa.transport.TcpTransport;
import dev.balsa.transport.TransportConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Three nodes in this process, put together as a node is, but for the recording file layer. */
final class RecordedCluster implements AutoCloseable {
  static final long GUARD_SECONDS = 60;
  private static final int SEGMENT_BYTES = LogStoreConfig.BLOCK_BYTES_MIN;

  /** Long enough that a busy machine does not bring about an election of its own. */
  private static final int ELECTION_TIMEOUT_TICKS = 100;

  private final List<Node> nodes = new ArrayList<>();

  /** One node. */
  record Node(
      long id,
      Path folder,
      ForcedFiles files,
      ChronicleLogStore store,
      RecordingLog log,
      DatabaseStateMachine machine,
      TcpTransport transport,
      RaftNode raft) {
    private static Node start(long id, Path folder, ForcedFiles files, List<Integer> ports) {
      Map<Long, InetSocketAddress> addresses = new HashMap<>();
      for (int i = 0; i < ports.size(); i++) {
        addresses.put(
            i + 1L, new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(i)));
      }
      TreeSet<Long> voters = new TreeSet<>(addresses.keySet());
      InetSocketAddress listen = Objects.requireNonNull(addresses.remove(id));
      ChronicleLogStore store =
          ChronicleLogStore.open(
              logFolder(folder),
              LogStoreConfig.of(id).withBlockBytes(SEGMENT_BYTES).withFiles(files));
      RecordingLog log = new RecordingLog(store, files);
      // An entry must fit into an eighth of such a small segment.
      FsmConfig config = new FsmConfig(folder.resolve("databases"), 4096, 16 << 10, "" + id);
      DatabaseStateMachine machine = DatabaseStateMachine.recover(config, log);
      TcpTransport transport = new TcpTransport(TransportConfig.of(id, listen, addresses));
      RaftNode raft =
          RaftNode.start(
              RaftConfig.of(id, voters)
                  .withTimes(Duration.ofMillis(20), 5, ELECTION_TIMEOUT_TICKS)
                  .withClock(Clock.system(), id),
              log,
              new ClusterIdFile(folder.resolve("cluster")),
              transport,
              machine);
      machine.attach(raft, peer -> null);
      return new Node(id, folder, files, store, log, machine, transport, raft);
    }

    Session session() {
      return machine.session(
          "app", SessionOptions.DEFAULT.withTimeout(Duration.ofSeconds(GUARD_SECONDS)));
    }

    /** What a power failure now would leave of the log. */
    Map<String, byte[]> survivors() {
      return files.survivors(logFolder(folder));
    }

    private void close() {
      files.release();
      raft.close();
      transport.close();
      machine.close();
      store.close();
    }
  }

  private static Path logFolder(Path folder) {
    return folder.resolve("log");
  }

  /**
   * Starts three nodes.
   *
   * @param folder for their data
   * @param honest whether their forces force
   */
  static RecordedCluster start(Path folder, boolean honest) throws IOException {
    RecordedCluster cluster = new RecordedCluster();
    List<Integer> ports = FreePorts.find(3);
    try {
      for (long id = 1; id <= 3; id++) {
        cluster.nodes.add(
            Node.start(id, folder.resolve("node" + id), new ForcedFiles(honest), ports));
      }
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** Starts three nodes on what a power failure has left. */
  static RecordedCluster restart(Path folder, List<Map<String, byte[]>> survivors)
      throws IOException {
    for (int i = 0; i < survivors.size(); i++) {
      Path log = Files.createDirectories(logFolder(folder.resolve("node" + (i + 1))));
      for (Map.Entry<String, byte[]> file : survivors.get(i).entrySet()) {
        Files.write(log.resolve(file.getKey()), file.getValue());
      }
    }
    return start(folder, true);
  }

  List<Node> nodes() {
    return nodes;
  }

  Node awaitLeader() {
    await("a leader", () -> nodes.stream().anyMatch(n -> n.raft().leadership().established()));
    return nodes.stream()
        .filter(n -> n.raft().leadership().established())
        .findFirst()
        .orElseThrow();
  }

  List<Node> followers(Node leader) {
    return nodes.stream().filter(node -> node.id() != leader.id()).toList();
  }

  /**
   * Waits until all logs are the same and forced. Nobody may write; what a first leader writes by
   * itself is waited for, too.
   */
  void awaitAllForced() {
    await("the members", () -> nodes.stream().allMatch(n -> n.log().hasConfiguration()));
    await(
        "all logs to be forced",
        () ->
            nodes.stream()
                    .flatMap(n -> List.of(n.log().lastIndex(), n.log().forcedIndex()).stream())
                    .distinct()
                    .count()
                == 1);
  }

  /** The highest index that a quorum has forced. */
  long forcedByQuorum() {
    return nodes.stream().map(n -> n.log().forcedIndex()).sorted().toList().get(1);
  }

  static void await(String what, BooleanSupplier condition) {
    long started = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - started > TimeUnit.SECONDS.toNanos(GUARD_SECONDS)) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  @Override
  public void close() {
    nodes.forEach(node -> node.files().release());
    nodes.forEach(Node::close);
  }
}
