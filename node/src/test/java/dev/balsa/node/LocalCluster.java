package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Nodes of one cluster in this process. */
final class LocalCluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final List<Integer> ports;
  private final @Nullable Wires wires;
  private final UnaryOperator<BalsaConfig.Builder> settings;
  private final Map<Long, BalsaNode> nodes = new TreeMap<>();
  private final int members;

  LocalCluster(Path folder, int size) throws IOException {
    this(folder, size, 0, UnaryOperator.identity());
  }

  LocalCluster(Path folder, int size, UnaryOperator<BalsaConfig.Builder> settings)
      throws IOException {
    this(folder, size, 0, settings);
  }

  /** With so many that are no members at first, and not started yet. */
  LocalCluster(Path folder, int size, int more, UnaryOperator<BalsaConfig.Builder> settings)
      throws IOException {
    this(folder, FreePorts.find(size + more), size, null, settings);
  }

  /** A cluster whose nodes talk through wires that can be cut. */
  static LocalCluster wired(Path folder, int size, UnaryOperator<BalsaConfig.Builder> settings)
      throws IOException {
    List<Integer> ports = FreePorts.find(size);
    return new LocalCluster(folder, ports, size, new Wires(ports), settings);
  }

  private LocalCluster(
      Path folder,
      List<Integer> ports,
      int size,
      @Nullable Wires wires,
      UnaryOperator<BalsaConfig.Builder> settings) {
    this.folder = folder;
    this.ports = ports;
    this.members = size;
    this.wires = wires;
    this.settings = settings;
    for (long id = 1; id <= size; id++) {
      start(id);
    }
  }

  BalsaConfig.Builder config(long id) {
    BalsaConfig.Builder builder =
        BalsaConfig.builder().nodeId(id).dataFolder(dataFolder(id)).listen(address(id));
    for (long peer = 1; peer <= members; peer++) {
      if (peer != id) {
        builder.peer(peer, wires == null ? address(peer) : wires.address(id, peer));
      }
    }
    return settings.apply(builder);
  }

  Path dataFolder(long id) {
    return folder.resolve("node" + id);
  }

  String address(long id) {
    return "127.0.0.1:" + ports.get((int) id - 1);
  }

  BalsaNode start(long id) {
    BalsaNode node = BalsaNode.start(config(id).build());
    nodes.put(id, node);
    return node;
  }

  /** Starts a node that is to be made a member. */
  BalsaNode join(long id) {
    BalsaNode node = BalsaNode.start(config(id).joining().build());
    nodes.put(id, node);
    return node;
  }

  void stop(long id) {
    BalsaNode node = nodes.remove(id);
    if (node != null) {
      node.close();
    }
  }

  /** What lies between the nodes of a wired cluster. */
  Wires wires() {
    return Objects.requireNonNull(wires);
  }

  List<BalsaNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /** A node that leads, once there is one. */
  BalsaNode leader() throws Exception {
    List<CompletableFuture<BalsaNode>> waiting = new ArrayList<>();
    for (BalsaNode node : nodes.values()) {
      waiting.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  if (node.awaitLeading(PATIENCE)) {
                    return node;
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                throw new AssertionError("node " + node.config().nodeId() + " does not lead");
              },
              task -> {
                Thread thread = new Thread(task, "awaits-leader");
                thread.setDaemon(true);
                thread.start();
              }));
    }
    return (BalsaNode)
        CompletableFuture.anyOf(waiting.toArray(new CompletableFuture<?>[0]))
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  BalsaNode follower() throws Exception {
    BalsaNode leader = leader();
    return nodes.values().stream().filter(node -> node != leader).findFirst().orElseThrow();
  }

  /** Waits until all nodes have applied what the leader has now. */
  void awaitApplied() throws Exception {
    long index = leader().status().lastIndex();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (BalsaNode node : nodes.values()) {
      while (node.status().appliedIndex() < index) {
        assertThat(System.nanoTime()).as("node %s", node.status()).isLessThan(deadline);
        LockSupport.parkNanos(1_000_000); // nobody tells of an applied index
      }
    }
  }

  Map<Long, Path> databases(String name) {
    Map<Long, Path> databases = new TreeMap<>();
    for (long id = 1; id <= ports.size(); id++) {
      databases.put(id, new DataFolder(dataFolder(id)).database(name));
    }
    return databases;
  }

  @Override
  public void close() {
    for (Long id : List.copyOf(nodes.keySet())) {
      stop(id);
    }
    if (wires != null) {
      wires.close();
    }
  }
}
