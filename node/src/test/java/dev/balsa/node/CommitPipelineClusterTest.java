package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.NotAppliedException;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many writers at once on three real nodes in this process. */
@Timeout(180)
final class CommitPipelineClusterTest {
  private static final int WRITERS = 64;

  @TempDir Path folder;

  private static Set<Long> ids(BalsaNode node) {
    Set<Long> ids = new HashSet<>();
    try (Session session = node.session("app", SessionOptions.STALE)) {
      session.query("SELECT id FROM t").forEach(row -> ids.add(row.getLong(0)));
    }
    return ids;
  }

  private static void createTable(BalsaNode leader) {
    try (Session session = leader.session("app")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    }
  }

  private static void assertReplicasAgree(LocalCluster cluster) throws Exception {
    cluster.awaitApplied();
    List<Long> checksums = new ArrayList<>();
    for (BalsaNode node : cluster.nodes()) {
      assertThat(node.failure()).isNull();
      checksums.add(
          node.status().databases().stream()
              .mapToLong(DatabaseStatus::checksum)
              .findFirst()
              .orElseThrow());
    }
    assertThat(Set.copyOf(checksums)).hasSize(1);
  }

  @Test
  void writersAtTheSameTimeShareEntries() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      createTable(leader);
      long before = leader.status().lastIndex();
      ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
      try {
        List<Future<?>> all = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
          int first = w * 25;
          all.add(
              pool.submit(
                  () -> {
                    try (Session session = leader.session("app")) {
                      for (int i = 0; i < 25; i++) {
                        session.execute("INSERT INTO t VALUES (?, 'x')", first + i);
                      }
                    }
                  }));
        }
        for (Future<?> one : all) {
          one.get(60, TimeUnit.SECONDS);
        }
      } finally {
        pool.shutdownNow();
      }
      assertThat(leader.status().lastIndex() - before).isLessThan(WRITERS * 25 / 3);
      assertReplicasAgree(cluster);
      for (BalsaNode node : cluster.nodes()) {
        assertThat(ids(node)).hasSize(WRITERS * 25);
      }
    }
  }

  @Test
  void aLeaderThatStopsUnderLoadTellsNobodyAnythingFalse() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      createTable(leader);
      Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
      Set<Long> refused = ConcurrentHashMap.newKeySet();
      ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
      try {
        List<Future<?>> all = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
          long first = w * 100_000L;
          all.add(pool.submit(() -> writeUntilRefused(leader, first, acknowledged, refused)));
        }
        while (acknowledged.size() < 2000) {
          Thread.onSpinWait();
        }
        cluster.stop(leader.config().nodeId());
        for (Future<?> one : all) {
          one.get(60, TimeUnit.SECONDS);
        }
      } finally {
        pool.shutdownNow();
      }
      BalsaNode next = cluster.leader();
      try (Session session = next.session("app")) {
        session.execute("INSERT INTO t VALUES (-1, 'x')"); // all before it is applied
      }
      Set<Long> present = ids(next);
      assertThat(present).containsAll(acknowledged);
      assertThat(refused).noneMatch(present::contains);
      cluster.start(leader.config().nodeId());
      assertReplicasAgree(cluster);
    }
  }

  private static void writeUntilRefused(
      BalsaNode leader, long first, Set<Long> acknowledged, Set<Long> refused) {
    for (long id = first; ; id++) {
      try (Session session = leader.session("app")) {
        session.execute("INSERT INTO t VALUES (?, 'x')", id);
        acknowledged.add(id);
      } catch (NotAppliedException e) {
        refused.add(id);
        return;
      } catch (BalsaException e) {
        return; // unknown, or the node is closed
      }
    }
  }
}
