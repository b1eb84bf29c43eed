package dev.balsa.jepsen.balsa;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.LogChecker;
import dev.balsa.jepsen.check.ReplicaChecker;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.cluster.ClusterException;
import dev.balsa.jepsen.db.Client;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.disk.LoopDisks;
import dev.balsa.jepsen.nemesis.Context;
import dev.balsa.jepsen.nemesis.Fault;
import dev.balsa.jepsen.nemesis.Faults;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.jepsen.sut.SutStatus;
import dev.balsa.raft.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Balsa: a process for each node, on this machine. */
public final class BalsaSystem implements SystemUnderTest {
  private static final String DATABASE = "jepsen";

  /** What a node's log tells when it has taken a snapshot in place of the log. */
  private static final String SNAPSHOT_INSTALLED = " databases came with the snapshot at index ";

  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final Cluster.Plan plan;
  private final Optional<LoopDisks> disks;
  private volatile @Nullable Cluster cluster;
  private final Map<Long, Path> databases = new TreeMap<>();
  private final Map<Long, Path> dataFolders = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  /** Of their own, so that nobody waits for a node that stands still longer than this. */
  private final Map<Long, SutClient> watchers = new HashMap<>();

  /**
   * Creates it; starts nothing.
   *
   * @param plan what to start
   * @param disks what the data folders are on; closed with this; empty if they are folders like any
   *     other
   */
  public BalsaSystem(Cluster.Plan plan, Optional<LoopDisks> disks) {
    this.plan = plan;
    this.disks = disks;
  }

  @Override
  public void start() throws IOException, InterruptedException {
    Cluster started = Cluster.start(plan);
    cluster = started;
    unlessInterrupted(() -> started.awaitWhole(1, START_MAX));
  }

  private Cluster cluster() {
    Cluster started = cluster;
    if (started == null) {
      throw new IllegalStateException("it is not started");
    }
    return started;
  }

  @Override
  public List<Long> nodes() {
    return cluster().nodes();
  }

  @Override
  public Client client(long node) {
    SutClient client = cluster().client(node);
    return new Client() {
      @Override
      public Outcome execute(Transaction transaction) {
        return client.run(transaction);
      }

      @Override
      public void close() {
        client.close();
      }
    };
  }

  @Override
  public Status status() {
    Map<Long, SutStatus> states = new TreeMap<>();
    synchronized (watchers) {
      for (long node : cluster().nodes()) {
        watchers
            .computeIfAbsent(node, cluster()::client)
            .status(PATIENCE)
            .ifPresent(state -> states.put(node, state));
      }
    }
    long term = states.values().stream().mapToLong(SutStatus::term).max().orElse(0);
    long leader =
        states.entrySet().stream()
            .filter(s -> s.getValue().role() == Role.LEADER && s.getValue().term() == term)
            .mapToLong(Map.Entry::getKey)
            .findFirst()
            .orElse(0);
    return new Status(leader, term, states.size());
  }

  @Override
  public List<Fault> faults(List<String> names) {
    return Faults.of(names, new Context(cluster(), disks));
  }

  @Override
  public void awaitWhole(Duration guard) throws InterruptedException {
    long committed =
        cluster().statuses().values().stream().mapToLong(SutStatus::commitIndex).max().orElse(0);
    unlessInterrupted(() -> cluster().awaitWhole(committed, guard));
  }

  @Override
  public void awaitQuiet(Duration guard) throws InterruptedException {
    unlessInterrupted(() -> cluster().awaitQuiet(guard));
  }

  private static void unlessInterrupted(Runnable wait) throws InterruptedException {
    try {
      wait.run();
    } catch (ClusterException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw e;
    }
  }

  @Override
  public void stop() throws IOException {
    Cluster started = cluster();
    for (long node : started.nodes()) {
      databases.put(node, started.dataFolder(node).database(DATABASE));
      dataFolders.put(node, started.dataFolder(node).path());
    }
    started.stopAll();
  }

  @Override
  public List<String> problems() {
    Cluster started = cluster;
    List<String> all = new ArrayList<>(problems);
    if (started != null) {
      all.addAll(started.problems());
    }
    return all;
  }

  @Override
  public List<Finding> autopsy(Path folder, List<String> excused) {
    List<LogChecker.Expected> expected =
        excused.stream()
            .map(Pattern::compile)
            .map(pattern -> new LogChecker.Expected(pattern, "a fault of the run causes that"))
            .toList();
    return List.of(
        new ReplicaChecker(DATABASE, databases, dataFolders, folder).check(),
        new LogChecker(plan.logs(), expected, problems()).check());
  }

  @Override
  public Map<String, Object> facts() throws IOException {
    int snapshots = 0;
    try (Stream<Path> files = Files.list(plan.logs())) {
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        try (Stream<String> lines = Files.lines(log)) {
          snapshots += (int) lines.filter(line -> line.contains(SNAPSHOT_INSTALLED)).count();
        }
      }
    }
    return Map.of("snapshots-installed", snapshots);
  }

  @Override
  public void close() throws IOException {
    Cluster started = cluster;
    cluster = null;
    synchronized (watchers) {
      watchers.values().forEach(SutClient::close);
    }
    try {
      if (started != null) {
        problems.addAll(started.problems());
        started.close();
      }
    } finally {
      if (disks.isPresent()) {
        disks.get().close();
      }
    }
  }
}
