package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.fsm.CheckpointPolicy;
import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.NotAppliedException;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.raft.core.MemberRole;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three real nodes whose log goes, and nodes that get what they miss from the main files. */
@Timeout(180)
final class SnapshotClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private LocalCluster cluster(int more) throws Exception {
    return new LocalCluster(
        folder,
        3,
        more,
        builder ->
            builder
                .checkpoints(CheckpointPolicy.every(50))
                .logSegmentBytes(16 << 20)
                .logRetainedBytes(0));
  }

  private static void awaitThat(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(2_000_000); // nobody tells
    }
  }

  /** More than a few segments of the log. */
  private static void fill(BalsaNode leader) {
    try (Session session = leader.session("app.db")) {
      session.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
      for (int i = 0; i < 70; i++) {
        session.execute("INSERT INTO t(v) VALUES (randomblob(900000))");
        session.execute("DELETE FROM t WHERE id % 10 <> 0");
      }
    }
  }

  private static long checksum(BalsaNode node) {
    return node.status().databases().stream()
        .filter(each -> each.phase() == DatabaseStatus.Phase.SERVING)
        .mapToLong(DatabaseStatus::checksum)
        .findFirst()
        .orElse(0);
  }

  private static boolean promote(BalsaNode leader, long id, String address) {
    try {
      leader.setMember(id, MemberRole.VOTER, address, PATIENCE);
      return true;
    } catch (NotAppliedException e) {
      assertThat(e).hasMessageContaining("caught up");
      return false;
    }
  }

  @Test
  void aNodeThatWasAwayGetsTheMainFilesWhileTransactionsGoOn() throws Exception {
    try (LocalCluster cluster = cluster(0)) {
      BalsaNode leader = cluster.leader();
      BalsaNode away = cluster.follower();
      long id = away.config().nodeId();
      cluster.stop(id);
      fill(leader);
      awaitThat("the log begins later", () -> leader.status().firstIndex() > 1);
      AtomicBoolean enough = new AtomicBoolean();
      CompletableFuture<Integer> load =
          CompletableFuture.supplyAsync(
              () -> {
                int rows = 0;
                try (Session session = leader.session("app.db")) {
                  while (!enough.get()) {
                    session.execute("INSERT INTO t(v) VALUES (randomblob(3000))");
                    rows++;
                  }
                }
                return rows;
              });
      BalsaNode back = cluster.start(id);
      assertThat(back.awaitReady(PATIENCE)).isTrue();
      enough.set(true);
      assertThat(load.get()).isPositive();
      cluster.awaitApplied();
      assertThat(back.status().firstIndex()).as("it came with a snapshot").isGreaterThan(1);
      awaitThat("it is served", () -> checksum(back) != 0);
      assertThat(checksum(back)).isEqualTo(checksum(cluster.leader()));
      try (Session session = back.session("app.db", SessionOptions.STALE)) {
        assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isPositive();
      }
    }
  }

  @Test
  void aNewNodeJoinsCatchesUpAndTakesTheRemovedOnesPlace() throws Exception {
    try (LocalCluster cluster = cluster(1)) {
      BalsaNode leader = cluster.leader();
      fill(leader);
      awaitThat("the log begins later", () -> leader.status().firstIndex() > 1);
      BalsaNode fresh = cluster.join(4);
      assertThatThrownBy(() -> leader.setMember(4, MemberRole.VOTER, cluster.address(4), PATIENCE))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("caught up");
      leader.setMember(4, MemberRole.STANDBY, cluster.address(4), PATIENCE);
      awaitThat("it has the database", () -> checksum(fresh) == checksum(leader));
      // The leader learns a moment later that it has the log, too.
      awaitThat("it is a voter", () -> promote(leader, 4, cluster.address(4)));
      long old =
          cluster.nodes().stream()
              .filter(node -> node != leader && node != fresh)
              .findFirst()
              .orElseThrow()
              .config()
              .nodeId();
      leader.removeMember(old, PATIENCE);
      cluster.stop(old);
      leader.transferLeadership(4, PATIENCE);
      assertThat(fresh.awaitLeading(PATIENCE)).isTrue();
      try (Session session = fresh.session("app.db")) {
        session.execute("INSERT INTO t(v) VALUES ('by the new one')");
        assertThat(session.query("SELECT count(*) FROM t WHERE v = 'by the new one'").single())
            .extracting(row -> row.getLong(0))
            .isEqualTo(1L);
      }
      assertThat(fresh.status().members()).hasSize(3);
    }
  }

  @Test
  void aDatabaseIsDroppedOnAllNodes() throws Exception {
    try (LocalCluster cluster = cluster(0)) {
      BalsaNode leader = cluster.leader();
      try (Session session = leader.session("app.db")) {
        session.execute("CREATE TABLE t(v)");
      }
      cluster.awaitApplied();
      leader.dropDatabase("app.db", PATIENCE);
      cluster.awaitApplied();
      List<BalsaNode> nodes = cluster.nodes();
      nodes.forEach(node -> assertThat(node.status().databases()).isEmpty());
    }
  }
}
