package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.TestVfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lives of clusters of whole engines, on real SQLite files: sessions, commit pipelines,
 * checkpoints, recovery and snapshots over the real core of Raft, in one thread as it were. One
 * seed is one life.
 */
final class EngineSimulation {
  private static final long SECOND = 1_000_000_000;
  private static final long FAULTY_NANOS = 12 * SECOND;
  private static final long BLACK_OUT_NANOS = 3 * SECOND;
  private static final long PATIENCE_NANOS = 60 * SECOND;
  private static final long MILLIS_OF_2026 = 1_767_225_600_000L;

  private final TestVfs vfs;
  private final Path folder;
  private final Function<SimThreads, EngineDecisions> decisions;

  /**
   * A life.
   *
   * @param violation what was wrong; null if nothing
   * @param hash digest of all that happened
   */
  record Result(long seed, @Nullable Throwable violation, SimTotals totals, long hash) {
    /** What was wrong, and why. */
    String report() {
      StringBuilder report = new StringBuilder("seed " + seed);
      for (Throwable each = violation; each != null; each = each.getCause()) {
        report.append("\n  ").append(each);
      }
      return report.append("\n  ").append(totals).toString();
    }
  }

  EngineSimulation(TestVfs vfs, Path folder, Function<SimThreads, EngineDecisions> decisions) {
    this.vfs = vfs;
    this.folder = folder;
    this.decisions = decisions;
  }

  Result run(long seed) throws IOException {
    SimScheduler scheduler = new SimScheduler(seed);
    vfs.seed(seed);
    vfs.time(() -> MILLIS_OF_2026 + scheduler.now() / 1_000_000);
    Path root = Files.createTempDirectory(folder, "seed" + seed + "-").toRealPath();
    SimCluster cluster = new SimCluster(scheduler, vfs, root, decisions);
    Throwable violation = null;
    try {
      new Life(scheduler, cluster).live();
    } catch (RuntimeException | Error e) { // also a broken invariant: it is told with its seed
      violation = e;
    } finally {
      cluster.abandon();
      scheduler.close();
      vfs.useSystem();
    }
    if (violation == null) {
      delete(root); // what a violation left can be looked at
    }
    cluster.ledger().count(cluster.totals());
    cluster.totals().count("steps", scheduler.steps());
    cluster.totals().count("lives");
    return new Result(seed, violation, cluster.totals(), scheduler.hash());
  }

  private static void delete(Path root) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(root)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  private static final class Life {
    private final SimScheduler scheduler;
    private final SimCluster cluster;
    private final SimClients clients;

    Life(SimScheduler scheduler, SimCluster cluster) {
      this.scheduler = scheduler;
      this.cluster = cluster;
      this.clients = new SimClients(cluster);
    }

    void live() throws IOException {
      cluster.nodes().forEach(SimNode::start);
      clients.begin();
      go("set up", clients::isReady);
      cluster.underLoad(true);
      cluster.begin();
      long end = scheduler.now() + FAULTY_NANOS;
      while (scheduler.now() < end) {
        step();
      }
      clients.end();
      go("end what they do", clients::haveEnded);
      cluster.underLoad(false);
      if (scheduler.onceIn(3)) {
        blackOut();
      }
      cluster.heal();
      go("converge", cluster::hasConverged);
      clients.finish();
      go("go on", clients::haveEnded);
      go("converge again", cluster::hasConverged);
      check();
    }

    /**
     * Nobody reaches anybody, until nobody leads any more: then the node that led may well lead
     * again, and nobody has written meanwhile.
     */
    private void blackOut() {
      boolean led = cluster.isLed();
      cluster.blackOut();
      long end = scheduler.now() + BLACK_OUT_NANOS;
      while (cluster.isLed() && scheduler.now() < end) {
        step();
      }
      if (led && !cluster.isLed()) {
        cluster.totals().count("leaders that stepped down for want of a quorum");
      }
    }

    private void step() {
      boolean more = scheduler.step();
      Throwable failure = scheduler.failure();
      if (failure != null) {
        throw new AssertionError(failure.getMessage(), failure);
      }
      if (!more) {
        throw new AssertionError("nothing goes on");
      }
      cluster.look();
    }

    private void go(String what, java.util.function.BooleanSupplier until) {
      long end = scheduler.now() + PATIENCE_NANOS;
      while (!until.getAsBoolean()) {
        if (scheduler.now() > end) {
          throw new AssertionError("they do not " + what + " within a minute: " + cluster.nodes());
        }
        step();
      }
    }

    private void check() throws IOException {
      SimNode first = cluster.node(1);
      SimHistory history = new SimHistory(history(first));
      for (SimNode node : cluster.nodes()) {
        try (Session session = session(node)) {
          for (int list = 0; list < SimClients.LISTS; list++) {
            history.checkNewest(SimClients.state(session, list));
          }
        }
      }
      history.check(clients.operations());
      for (SimNode node : cluster.nodes()) {
        try (Session session = node.machine().session(SimCluster.DROPPED, SessionOptions.STALE)) {
          SimDrops.check(clients.onDropped(), SimClients.rows(session));
        }
      }
      cluster.totals().count("transactions", history.size());
      List<DatabaseStatus> statuses = cluster.node(1).machine().databases();
      cluster.nodes().forEach(SimNode::stop);
      for (DatabaseStatus status : statuses) {
        checkFiles(status);
      }
    }

    private Session session(SimNode node) {
      return node.machine().session(SimCluster.DATABASE, SessionOptions.STALE);
    }

    private List<SimClients.Written> history(SimNode node) {
      try (Session session = session(node)) {
        return SimClients.history(session);
      }
    }

    /** All have the same bytes, which are those of the checksum, and a database to SQLite. */
    private void checkFiles(DatabaseStatus status) throws IOException {
      byte[] first = Files.readAllBytes(cluster.node(1).databases().resolve(status.name()));
      for (SimNode node : cluster.nodes()) {
        Path file = node.databases().resolve(status.name());
        if (!Arrays.equals(first, Files.readAllBytes(file))) {
          throw new AssertionError(
              "node "
                  + node.id()
                  + " has other bytes in "
                  + status
                  + ", from byte "
                  + Arrays.mismatch(first, Files.readAllBytes(file))
                  + " of "
                  + first.length
                  + " and "
                  + Files.size(file));
        }
      }
      try (FileLayer.File file =
          FileLayer.SYSTEM.open(cluster.node(1).databases().resolve(status.name()))) {
        DatabaseChecksum checksum =
            DatabaseChecksum.claimed(status.pageSize(), status.pages(), status.checksum());
        if (first.length != status.bytes()
            || !checksum.verify(PageScan.hashes(file, status.pageSize(), status.pages()))) {
          throw new AssertionError("the checksum is not that of the file: " + status);
        }
      }
      byte[] unused =
          DatabaseImage.of(cluster.node(1).databases().resolve(status.name()), cluster.root());
    }
  }
}
