package dev.balsa.jepsen.cluster;

import dev.balsa.demo.FreePorts;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutStatus;
import dev.balsa.node.DataFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Nodes as processes, with proxies between them. One thread starts, kills and stops; any thread may
 * ask for addresses and clients.
 *
 * <p>Closing kills whatever still runs.
 */
public final class Cluster implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** The nodes are many for a machine's cores, and short-lived: so are their JVMs' settings. */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "-Xshare:auto",
          "-Xmx512m",
          "-Djava.awt.headless=true",
          "-Dchronicle.announcer.disable=true",
          "-Dchronicle.analytics.disable=true",
          "-Dchronicle.disk.monitor.disable=true",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
          "-Dorg.slf4j.simpleLogger.log.dev.balsa=info",
          "-Dorg.slf4j.simpleLogger.showDateTime=true",
          "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
          "-Dorg.slf4j.simpleLogger.showShortLogName=true");

  private final Path logs;
  private final Network network;
  private final Map<Long, SutNode.Options> options;
  private final Map<Long, NodeProcess> lives = new ConcurrentSkipListMap<>();
  private final Map<Long, SutClient> watchers = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  private Cluster(Path logs, Network network, Map<Long, SutNode.Options> options) {
    this.logs = logs;
    this.network = network;
    this.options = options;
    options.keySet().forEach(node -> watchers.put(node, client(node)));
  }

  /**
   * Starts the nodes, numbered from 1. Returns before they serve.
   *
   * @param logs a folder for the nodes' logs
   * @param dataFolders one for each node
   */
  public static Cluster start(Path logs, List<Path> dataFolders) throws IOException {
    return start(logs, dataFolders, 0);
  }

  /**
   * As {@link #start(Path, List)}, with other thresholds.
   *
   * @param checkpointFrames see {@link SutNode.Options}
   */
  public static Cluster start(Path logs, List<Path> dataFolders, int checkpointFrames)
      throws IOException {
    Files.createDirectories(logs);
    List<Integer> ports = FreePorts.find(dataFolders.size());
    Map<Long, InetSocketAddress> listen = new TreeMap<>();
    for (int port : ports) {
      listen.put(listen.size() + 1L, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
    Network network = Network.start(listen);
    Map<Long, SutNode.Options> options = new TreeMap<>();
    listen.forEach(
        (node, address) -> {
          Map<Long, String> peers = new TreeMap<>();
          for (long peer : listen.keySet()) {
            if (peer != node) {
              peers.put(peer, text(network.address(new Network.Link(node, peer))));
            }
          }
          Path folder = dataFolders.get((int) (node - 1));
          options.put(
              node, new SutNode.Options(node, folder, text(address), peers, checkpointFrames));
        });
    Cluster cluster = new Cluster(logs, network, options);
    try {
      cluster.startAll();
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /** The nodes' ids. */
  public List<Long> nodes() {
    return List.copyOf(options.keySet());
  }

  /** The network between the nodes. */
  public Network network() {
    return network;
  }

  /** Where a node keeps its data. */
  public DataFolder dataFolder(long node) {
    return new DataFolder(Objects.requireNonNull(options.get(node)).dataFolder());
  }

  /** A client of a node's application, in this and all later lives; for one thread. */
  public SutClient client(long node) {
    return new SutClient(() -> Optional.ofNullable(lives.get(node)).flatMap(NodeProcess::serving));
  }

  /** Starts all nodes. None may be running. */
  public void startAll() throws IOException {
    for (Map.Entry<Long, SutNode.Options> node : options.entrySet()) {
      lives.put(
          node.getKey(),
          NodeProcess.start(
              node.getValue(), JVM_OPTIONS, logs.resolve("node" + node.getKey() + ".log")));
    }
  }

  /** Something is about to happen that no node needs to survive. */
  public void expectEnds() {
    lives.values().forEach(life -> life.expectEnd().ifPresent(problems::add));
  }

  /** SIGKILL to all nodes, one right after the other; then waits until they are dead. */
  public void killAll() {
    expectEnds();
    lives.values().forEach(NodeProcess::kill);
    for (NodeProcess life : lives.values()) {
      life.awaitEnd();
    }
    lives.clear();
  }

  /** SIGKILL to some nodes; then waits until they are dead. */
  public void kill(List<Long> nodes) {
    List<NodeProcess> dying = nodes.stream().map(node -> life(node)).toList();
    for (NodeProcess life : dying) {
      life.expectEnd().ifPresent(problems::add);
      life.kill();
    }
    dying.forEach(NodeProcess::awaitEnd);
    nodes.forEach(lives::remove);
  }

  /** Starts those nodes that do not run. */
  public void startDead() throws IOException {
    for (Map.Entry<Long, SutNode.Options> node : options.entrySet()) {
      if (!lives.containsKey(node.getKey())) {
        lives.put(
            node.getKey(),
            NodeProcess.start(
                node.getValue(), JVM_OPTIONS, logs.resolve("node" + node.getKey() + ".log")));
      }
    }
  }

  /** SIGSTOP: nodes stand still, and their sockets stay open. */
  public void pause(List<Long> nodes) throws IOException, InterruptedException {
    signal("STOP", nodes);
  }

  /** SIGCONT: they go on. */
  public void resume(List<Long> nodes) throws IOException, InterruptedException {
    signal("CONT", nodes);
  }

  private void signal(String name, List<Long> nodes) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    nodes.forEach(node -> command.add(Long.toString(life(node).pid())));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  private NodeProcess life(long node) {
    NodeProcess life = lives.get(node);
    if (life == null) {
      throw new IllegalStateException("node " + node + " does not run");
    }
    return life;
  }

  /** Closes all nodes in order. */
  public void stopAll() {
    for (NodeProcess life : lives.values()) {
      life.close().ifPresent(problems::add);
    }
    lives.clear();
  }

  /** What nodes did that they should not: failed, or ended by themselves. */
  public List<String> problems() {
    List<String> all = new ArrayList<>(problems);
    lives.values().forEach(life -> life.problem().ifPresent(all::add));
    return all;
  }

  /** The states of those nodes that answer. */
  public Map<Long, SutStatus> statuses() {
    Map<Long, SutStatus> all = new TreeMap<>();
    watchers.forEach((node, watcher) -> watcher.status().ifPresent(s -> all.put(node, s)));
    return all;
  }

  /**
   * Waits until a majority of the nodes, the leader among them, follow the same leader.
   *
   * @return the leader
   */
  public long awaitLeader(Duration guard) {
    Map<Long, SutStatus> states = await("a leader", guard, all -> leader(all) != 0);
    return leader(states);
  }

  private long leader(Map<Long, SutStatus> states) {
    for (Map.Entry<Long, SutStatus> state : states.entrySet()) {
      long node = state.getKey();
      long followers =
          states.values().stream()
              .filter(s -> s.leader() == node && s.term() == state.getValue().term())
              .count();
      if (state.getValue().leader() == node && followers > options.size() / 2) {
        return node;
      }
    }
    return 0;
  }

  /**
   * Waits until the cluster is whole: all nodes follow the same leader in the same term, are ready,
   * and have applied what had been committed.
   *
   * @param upTo the index that all must have applied
   */
  public void awaitWhole(long upTo, Duration guard) {
    await(
        "all nodes to follow one leader and apply entry " + upTo,
        guard,
        all ->
            isOneCluster(all)
                && all.values().stream().allMatch(s -> s.ready() && s.appliedIndex() >= upTo));
  }

  /** Waits until all nodes have applied the same, and there is nothing more. Nobody may write. */
  public void awaitQuiet(Duration guard) {
    await(
        "all nodes to have applied the same entries",
        guard,
        all ->
            isOneCluster(all)
                && all.values().stream()
                        .flatMap(s -> List.of(s.lastIndex(), s.appliedIndex()).stream())
                        .distinct()
                        .count()
                    == 1);
  }

  private boolean isOneCluster(Map<Long, SutStatus> all) {
    return all.size() == options.size()
        && all.values().stream().map(SutStatus::leader).distinct().count() == 1
        && all.values().stream().map(SutStatus::term).distinct().count() == 1
        && leader(all) != 0;
  }

  private Map<Long, SutStatus> await(
      String what, Duration guard, Predicate<Map<Long, SutStatus>> condition) {
    long started = System.nanoTime();
    while (true) {
      Map<Long, SutStatus> states = statuses();
      if (condition.test(states)) {
        return states;
      }
      List<String> wrong = problems();
      if (!wrong.isEmpty() || System.nanoTime() - started > guard.toNanos()) {
        throw new ClusterException(
            (wrong.isEmpty() ? "waited " + guard.toSeconds() + " s in vain for " : "no ")
                + what
                + "; "
                + wrong
                + states);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      killAll();
    } finally {
      watchers.values().forEach(SutClient::close);
      network.close();
    }
  }
}
