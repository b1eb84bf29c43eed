package dev.balsa.jepsen.cluster;

import dev.balsa.demo.FreePorts;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import dev.balsa.jepsen.sut.SutStatus;
import dev.balsa.node.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Nodes as processes, with proxies between them. One thread starts, kills and stops; any thread may
 * ask for addresses and clients.
 *
 * <p>Closing kills whatever still runs.
 */
public final class Cluster implements AutoCloseable {
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

  private final Plan plan;
  private final Network network;
  private final Map<Long, SutOptions> options = new ConcurrentSkipListMap<>();
  private final Processes processes = new Processes();
  private final Map<Long, Network.Site> sites = new ConcurrentSkipListMap<>();
  private final Map<Long, Long> successors = new ConcurrentSkipListMap<>();
  private final Watch watch = new Watch(this::problems);
  private long lastNode;

  /**
   * What to start.
   *
   * @param logs a folder for the nodes' logs
   * @param dataFolders one for each node
   * @param tuning of each node
   * @param mainClass what the processes run: {@link SutNode}, or something like it
   * @param net the network between them
   */
  public record Plan(
      Path logs,
      List<Path> dataFolders,
      SutOptions.Tuning tuning,
      String mainClass,
      Network.Kind net) {
    /** Copies the list. */
    public Plan {
      dataFolders = List.copyOf(dataFolders);
    }

    /** With proxies between the nodes. */
    public Plan(Path logs, List<Path> dataFolders, SutOptions.Tuning tuning, String mainClass) {
      this(logs, dataFolders, tuning, mainClass, Network.Kind.PROXY);
    }

    /** With the product's own defaults. */
    public Plan(Path logs, List<Path> dataFolders) {
      this(logs, dataFolders, SutOptions.Tuning.NONE, SutNode.class.getName());
    }
  }

  private Cluster(Plan plan, Network network) {
    this.plan = plan;
    this.network = network;
  }

  /**
   * Starts the nodes, numbered from 1. Returns before they serve.
   *
   * @param logs a folder for the nodes' logs
   * @param dataFolders one for each node
   */
  public static Cluster start(Path logs, List<Path> dataFolders) throws IOException {
    return start(new Plan(logs, dataFolders));
  }

  /** Starts the nodes, numbered from 1. Returns before they serve. */
  public static Cluster start(Plan plan) throws IOException {
    Files.createDirectories(plan.logs());
    Cluster cluster =
        new Cluster(
            plan,
            switch (plan.net()) {
              case PROXY -> new ProxyNetwork(plan.logs());
              case NETNS -> NamespaceNetwork.create();
            });
    try {
      List<Integer> ports = FreePorts.find(plan.dataFolders().size());
      Map<Long, String> members = new TreeMap<>();
      for (int port : ports) {
        Network.Site site = cluster.admit(port);
        members.put(cluster.lastNode, site.address());
      }
      members.forEach(
          (node, address) ->
              cluster.prepare(node, plan.dataFolders().get((int) (node - 1)), members, false));
      cluster.startAll();
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** Gives a new node its number and its links. */
  private Network.Site admit(int port) throws IOException {
    lastNode++;
    Network.Site site = network.add(lastNode, port);
    sites.put(lastNode, site);
    return site;
  }

  private void prepare(long node, Path dataFolder, Map<Long, String> members, boolean joining) {
    Map<Long, String> peers = new TreeMap<>(members);
    String listen = Objects.requireNonNull(peers.remove(node));
    String host = site(node).host();
    options.put(
        node, new SutOptions(node, dataFolder, host, listen, peers, joining, plan.tuning()));
    watch.add(node, client(node));
  }

  /**
   * Starts a further node, which waits to be made a member ({@link SutClient#setMember}, with its
   * {@link #address}). From now on it is one of {@link #nodes}.
   *
   * @param dataFolder empty, or missing
   * @return its number: no other node has ever had it
   */
  public long addNode(Path dataFolder) throws IOException {
    int port = FreePorts.find(1).get(0);
    Network.Site site = admit(port);
    long node = lastNode;
    Map<Long, String> members = new TreeMap<>();
    options.values().forEach(one -> members.put(one.id(), one.listen()));
    members.put(node, site.address());
    prepare(node, dataFolder, members, true);
    start(List.of(node));
    return node;
  }

  /** Kills a node that is no member any more, and forgets it: {@link #nodes} is without it. */
  public void forgetNode(long node) throws IOException {
    kill(List.of(node));
    options.remove(node);
    sites.remove(node);
    watch.remove(node);
    network.remove(node);
  }

  /** Once a node is forgotten, its clients talk to another one. */
  public void succeed(long node, long successor) {
    successors.put(node, successor);
  }

  /** What every node was told otherwise than the product's defaults. */
  public SutOptions.Tuning tuning() {
    return plan.tuning();
  }

  /** Where the other nodes reach one, as HOST:PORT: what its members know of each other. */
  public String address(long node) {
    return Objects.requireNonNull(options.get(node)).listen();
  }

  /** The nodes' ids, ascending. */
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
    return new SutClient(() -> processes.serving(present(node)));
  }

  private long present(long node) {
    long present = node;
    while (!options.containsKey(present) && successors.containsKey(present)) {
      present = Objects.requireNonNull(successors.get(present));
    }
    return present;
  }

  /** Starts all nodes. None may be running. */
  public void startAll() throws IOException {
    startDead();
  }

  /** The nodes' processes. */
  public Processes processes() {
    return processes;
  }

  /** Something is about to happen that no node needs to survive. */
  public void expectEnds() {
    processes.expectEnds(nodes());
  }

  /** SIGKILL to all nodes, one right after the other; then waits until they are dead. */
  public void killAll() {
    processes.kill(nodes());
  }

  /** SIGKILL to those of some nodes that run; then waits until they are dead. */
  public void kill(List<Long> nodes) {
    processes.kill(nodes);
  }

  /** SIGSTOP: those of some nodes that run stand still, and their sockets stay open. */
  public void pause(List<Long> nodes) throws IOException {
    processes.pause(nodes);
  }

  /** SIGCONT: they go on. */
  public void resume(List<Long> nodes) throws IOException {
    processes.resume(nodes);
  }

  /** Closes all nodes in order. */
  public void stopAll() {
    processes.stop(nodes());
  }

  /** What nodes did that they should not: failed, or ended by themselves. */
  public List<String> problems() {
    return processes.problems();
  }

  /** Starts those nodes that do not run. */
  public void startDead() throws IOException {
    start(nodes());
  }

  /**
   * Starts those of some nodes that do not run, and have not been forgotten. A process that has
   * ended although it should not have is a problem first.
   */
  public void start(List<Long> nodes) throws IOException {
    for (long node : nodes) {
      if (options.containsKey(node) && processes.running(List.of(node)).isEmpty()) {
        processes.put(node, life(node));
      }
    }
  }

  /** As {@link #start}, but they need not live: what is on their disks may be damaged. */
  public void startDoubtful(List<Long> nodes) throws IOException {
    start(nodes);
    processes.expectEnds(nodes);
  }

  private NodeProcess life(long node) throws IOException {
    List<String> jvmOptions = new ArrayList<>(JVM_OPTIONS);
    jvmOptions.addAll(site(node).jvmOptions());
    String archive = System.getProperty("balsa.archive");
    if (archive != null) {
      // The script has made it; one that does not fit is no failure, and nothing is told of it.
      jvmOptions.addAll(
          List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:disable", "-Xlog:all=error:stderr"));
    }
    return NodeProcess.start(
        site(node).launcher(),
        plan.mainClass(),
        Objects.requireNonNull(options.get(node)),
        jvmOptions,
        plan.logs().resolve("node" + node + ".log"));
  }

  /** Where a node lives. */
  Network.Site site(long node) {
    return Objects.requireNonNull(sites.get(node), () -> "no node " + node);
  }

  /** Waits until a node lets its database be read, which one that is damaged does not. */
  public boolean awaitServed(long node, Duration guard) {
    Transaction read =
        new Transaction(
            Transaction.Kind.STALE_READ,
            Duration.ofSeconds(1),
            null,
            List.of(Transaction.Statement.of("SELECT count(*) FROM sqlite_master")));
    try (SutClient client = client(node)) {
      return Waiting.until(() -> client.run(read) instanceof Outcome.Ok, guard);
    }
  }

  /** The states of those nodes that answer. */
  public Map<Long, SutStatus> statuses() {
    return watch.statuses();
  }

  /**
   * Waits until a majority of the nodes, the leader among them, follow the same leader.
   *
   * @return the leader
   */
  public long awaitLeader(Duration guard) {
    return watch.awaitLeader(guard);
  }

  /**
   * Waits until the cluster is whole: all nodes follow the same leader in the same term, are ready,
   * and have applied what had been committed.
   *
   * @param upTo the index that all must have applied
   */
  public void awaitWhole(long upTo, Duration guard) {
    watch.awaitWhole(upTo, guard);
  }

  /** Waits until all nodes have applied the same, and there is nothing more. Nobody may write. */
  public void awaitQuiet(Duration guard) {
    watch.awaitQuiet(guard);
  }

  @Override
  public void close() throws IOException {
    try {
      killAll();
    } finally {
      watch.close();
      network.close();
    }
  }
}
