package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.DatabaseStatus.Phase;
import dev.balsa.fsm.NotAppliedException;
import dev.balsa.fsm.OutcomeUnknownException;
import dev.balsa.fsm.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes over TCP, one of which finds its database damaged. */
@Timeout(300)
class HealingClusterTest {
  private static final int PAGE = 4096;

  @TempDir Path folder;

  /** Writes through whichever node leads, until it is closed. */
  private static final class Load implements AutoCloseable {
    private final LocalCluster cluster;
    private final Thread thread;
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile boolean ended;

    Load(LocalCluster cluster) {
      this.cluster = cluster;
      this.thread = new Thread(this::run, "load");
      thread.start();
    }

    private void run() {
      while (!ended) {
        for (BalsaNode node : cluster.nodes()) {
          if (node.status().isLeader()) {
            try (Session session = node.session("app.db")) {
              session.execute("INSERT INTO t(v) VALUES (randomblob(1000))");
              acknowledged.incrementAndGet();
            } catch (NotAppliedException | OutcomeUnknownException e) {
              LockSupport.parkNanos(1_000_000); // another leads soon
            }
          }
        }
      }
    }

    @Override
    public void close() {
      ended = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void awaitThat(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(5_000_000); // nobody tells of a status
    }
  }

  private static DatabaseStatus database(BalsaNode node) {
    return node.status().databases().get(0);
  }

  /** Makes a database of more pages than are left to a WAL alone. */
  private static void fill(BalsaNode leader) {
    try (Session session = leader.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      for (int i = 0; i < 60; i++) {
        session.execute("INSERT INTO t(v) VALUES (randomblob(100000))");
      }
    }
  }

  private static long rows(BalsaNode leader) {
    try (Session session = leader.session("app.db")) {
      return session.query("SELECT count(*) FROM t").single().getLong(0);
    }
  }

  private static void assertSame(LocalCluster cluster) throws Exception {
    cluster.awaitApplied();
    for (BalsaNode node : cluster.nodes()) {
      assertThat(database(node).phase()).isEqualTo(Phase.SERVING);
      assertThat(database(node).checksum()).isEqualTo(database(cluster.leader()).checksum());
    }
  }

  @Test
  void aNodeThatFindsItsFileDamagedAtItsStartHealsUnderLoad() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      fill(cluster.leader());
      cluster.awaitApplied();
      long id = cluster.follower().config().nodeId();
      cluster.stop(id);
      Path file = new DataFolder(cluster.dataFolder(id)).database("app.db");
      byte[] bytes = Files.readAllBytes(file);
      bytes[PAGE * 1000 + 99] ^= 1;
      Files.write(file, bytes);
      AtomicLong acknowledged;
      try (Load load = new Load(cluster)) {
        acknowledged = load.acknowledged;
        BalsaNode restarted = cluster.start(id);
        assertThat(database(restarted).phase()).isIn(Phase.DAMAGED, Phase.HEALING);
        assertThat(restarted.status().toText()).containsPattern("(DAMAGED|HEALING) +app.db");
        awaitThat("healing", () -> database(restarted).phase() == Phase.SERVING);
        long before = load.acknowledged.get();
        awaitThat("the load to go on", () -> load.acknowledged.get() > before + 10);
      }
      assertSame(cluster);
      assertThat(rows(cluster.leader())).isGreaterThanOrEqualTo(60 + acknowledged.get());
      cluster.stop(id);
      cluster.start(id);
      assertSame(cluster);
    }
  }

  @Test
  void aNodeWhoseFileSomebodyHasDeletedHeals() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      fill(cluster.leader());
      cluster.awaitApplied();
      long id = cluster.follower().config().nodeId();
      cluster.stop(id);
      Files.delete(new DataFolder(cluster.dataFolder(id)).database("app.db"));
      BalsaNode restarted = cluster.start(id);
      assertThat(database(restarted).phase()).isIn(Phase.DAMAGED, Phase.HEALING);
      awaitThat("healing", () -> database(restarted).phase() == Phase.SERVING);
      assertSame(cluster);
    }
  }

  @Test
  void aLeaderThatFindsItsFileDamagedStepsDownAndHeals() throws Exception {
    try (LocalCluster cluster =
        new LocalCluster(folder, 3, node -> node.scrubPeriod(Duration.ofSeconds(1)))) {
      BalsaNode leader = cluster.leader();
      fill(leader);
      awaitThat("a checkpoint", () -> database(leader).checkpointIndex() > 30);
      awaitThat("a pass of the scrub", () -> leader.status().scrub().passes() > 0);
      assertThat(leader.status().toText()).contains("last pass completed");
      long id = leader.config().nodeId();
      AtomicLong acknowledged;
      try (Load load = new Load(cluster)) {
        acknowledged = load.acknowledged;
        damageFromOutside(new DataFolder(cluster.dataFolder(id)).database("app.db"), PAGE * 700);
        awaitThat("the scrub to find it", () -> database(leader).phase() != Phase.SERVING);
        awaitThat("it to step down", () -> !leader.status().isLeader());
        awaitThat("healing", () -> database(leader).phase() == Phase.SERVING);
        long before = load.acknowledged.get();
        awaitThat("the load to go on", () -> load.acknowledged.get() > before + 10);
      }
      assertSame(cluster);
      assertThat(rows(cluster.leader())).isGreaterThanOrEqualTo(60 + acknowledged.get());
    }
  }

  /** Java I/O in this process would drop SQLite's locks on the file. */
  private static void damageFromOutside(Path file, long position)
      throws IOException, InterruptedException {
    String script =
        "head -c 16 /dev/urandom | dd of=\"$1\" bs=1 seek=\"$2\" conv=notrunc status=none";
    Process process =
        new ProcessBuilder("sh", "-c", script, "sh", file.toString(), Long.toString(position))
            .inheritIO()
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
