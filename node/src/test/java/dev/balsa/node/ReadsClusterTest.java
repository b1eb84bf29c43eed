package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.Bookmark;
import dev.balsa.fsm.BookmarkNotReachedException;
import dev.balsa.fsm.ReadMode;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.fsm.TooStaleException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What reads promise on three real nodes in this process, some of them cut off for a while. */
@Timeout(300)
final class ReadsClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration BOUND = Duration.ofSeconds(2);
  private static final SessionOptions WRITING = SessionOptions.DEFAULT.withTimeout(PATIENCE);
  private static final SessionOptions READING =
      SessionOptions.READ_ONLY.withReadMode(ReadMode.STALE).withTimeout(PATIENCE);
  private static final SessionOptions HASTY = READING.withTimeout(Duration.ofMillis(50));

  @TempDir Path folder;

  private static LocalCluster started(LocalCluster cluster) throws Exception {
    try (Session session = cluster.leader().session("app", WRITING)) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    }
    cluster.awaitApplied();
    return cluster;
  }

  private LocalCluster plain() throws Exception {
    return started(LocalCluster.wired(folder, 3, config -> config));
  }

  private static long id(BalsaNode node) {
    return node.config().nodeId();
  }

  private static List<BalsaNode> followers(LocalCluster cluster, BalsaNode leader) {
    return cluster.nodes().stream().filter(node -> node != leader).toList();
  }

  private static Bookmark insert(BalsaNode leader) {
    try (Session session = leader.session("app", WRITING)) {
      session.execute("INSERT INTO t DEFAULT VALUES");
      return session.bookmark();
    }
  }

  private static long count(Session session) {
    return session.query("SELECT count(*) FROM t").single().getLong(0);
  }

  private static long count(BalsaNode node, SessionOptions options) {
    try (Session session = node.session("app", options)) {
      return count(session);
    }
  }

  private static CompletableFuture<Void> inserting(BalsaNode leader, AtomicBoolean stop) {
    return CompletableFuture.runAsync(
        () -> {
          while (!stop.get()) {
            insert(leader);
          }
        });
  }

  @Test
  void aBookmarkMakesALaggingFollowerReadOnesOwnWrites() throws Exception {
    try (LocalCluster cluster = plain()) {
      BalsaNode leader = cluster.leader();
      BalsaNode follower = followers(cluster, leader).get(0);
      cluster.wires().cutOff(id(follower));
      Bookmark written = Bookmark.parse(insert(leader).toString());
      assertThat(count(follower, HASTY)).as("it lags").isZero();
      assertThatThrownBy(() -> count(follower, HASTY.withBookmark(written)))
          .isInstanceOf(BookmarkNotReachedException.class);
      CompletableFuture<Long> waiting =
          CompletableFuture.supplyAsync(() -> count(follower, READING.withBookmark(written)));
      cluster.wires().heal();
      assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(1);
      BalsaNode writable = cluster.leader();
      for (int i = 2; i <= 200; i++) {
        Bookmark mine = insert(writable);
        for (BalsaNode node : followers(cluster, writable)) {
          assertThat(count(node, READING.withBookmark(mine))).isGreaterThanOrEqualTo(i);
        }
      }
    }
  }

  @Test
  void readsAlternatingBetweenReplicasNeverGoBack() throws Exception {
    try (LocalCluster cluster = plain()) {
      BalsaNode leader = cluster.leader();
      List<BalsaNode> replicas = followers(cluster, leader);
      AtomicBoolean stop = new AtomicBoolean();
      CompletableFuture<Void> writer = inserting(leader, stop);
      Bookmark seen = Bookmark.NONE;
      long before = 0;
      try {
        for (int i = 0; before < 300; i++) {
          try (Session session = replicas.get(i % 2).session("app", READING.withBookmark(seen))) {
            long now = count(session);
            assertThat(now).as("read %d", i).isGreaterThanOrEqualTo(before);
            before = now;
            seen = session.bookmark();
          }
        }
      } finally {
        stop.set(true);
        writer.get(60, TimeUnit.SECONDS);
      }
      cluster.wires().cutOff(id(replicas.get(1))); // and one that surely lags
      Bookmark written = insert(leader);
      long rows = count(replicas.get(0), READING.withBookmark(written));
      assertThat(count(replicas.get(1), HASTY)).isLessThan(rows);
      assertThatThrownBy(() -> count(replicas.get(1), HASTY.withBookmark(written)))
          .isInstanceOf(BookmarkNotReachedException.class);
    }
  }

  @Test
  void boundedStalenessIsServedWhereTheLeaderIsHeardAndRefusedWhereItIsNot() throws Exception {
    try (LocalCluster cluster = plain()) {
      BalsaNode leader = cluster.leader();
      BalsaNode follower = followers(cluster, leader).get(0);
      SessionOptions bounded = READING.withReadMode(ReadMode.staleAtMost(BOUND));
      for (BalsaNode node : cluster.nodes()) {
        assertThat(count(node, bounded)).isZero();
      }
      cluster.wires().cutOff(id(follower));
      insert(leader);
      long acknowledged = System.nanoTime();
      while (true) {
        long began = System.nanoTime();
        try {
          long rows = count(follower, bounded);
          assertThat(rows == 1 || began - acknowledged <= BOUND.toNanos())
              .as("%d rows, %d ms after", rows, (began - acknowledged) / 1_000_000)
              .isTrue();
        } catch (TooStaleException e) {
          break;
        }
      }
      assertThat(count(follower, READING)).as("without a bound").isZero();
      cluster.wires().heal();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        try {
          assertThat(count(follower, bounded)).isEqualTo(1);
          break;
        } catch (TooStaleException e) {
          assertThat(System.nanoTime()).as("still %s", e.getMessage()).isLessThan(deadline);
        }
      }
    }
  }

  @Test
  void aLeaderThatIsCutOffDoesNotClaimToBeFresh() throws Exception {
    try (LocalCluster cluster = plain()) {
      BalsaNode old = cluster.leader();
      cluster.wires().cutOff(id(old));
      insert(leaderBeside(cluster, old));
      assertThatThrownBy(
              () -> count(old, READING.withReadMode(ReadMode.staleAtMost(Duration.ofMillis(200)))))
          .isInstanceOf(TooStaleException.class);
    }
  }

  @Test
  void aLeaseNeverMakesALeaderThatIsCutOffReadWhatIsOld() throws Exception {
    for (int attempt = 1; !readsByLeaseAndNeverStale(folder.resolve("a" + attempt)); attempt++) {
      assertThat(attempt).as("attempts in which no lease held for a read").isLessThan(5);
    }
  }

  /** Whether a lease answered what no quorum could confirm: on a busy machine it may be over. */
  private static boolean readsByLeaseAndNeverStale(Path folder) throws Exception {
    try (LocalCluster cluster =
        started(LocalCluster.wired(folder, 3, config -> config.leaseClockRatioMax(1.1)))) {
      BalsaNode old = cluster.leader();
      insert(old);
      SessionOptions byLease =
          SessionOptions.DEFAULT.withReadMode(ReadMode.LEASE).withTimeout(Duration.ofMillis(100));
      assertThat(count(old, byLease.withTimeout(PATIENCE))).isEqualTo(1);
      cluster.wires().cutOff(id(old));
      CompletableFuture<Long> elsewhere =
          CompletableFuture.supplyAsync(
              () -> {
                insert(leaderBeside(cluster, old));
                return System.nanoTime();
              });
      int answered = 0;
      long rows = 1;
      while (old.status().role() == dev.balsa.raft.Role.LEADER || !elsewhere.isDone()) {
        boolean acknowledged = elsewhere.isDone();
        try {
          rows = count(old, byLease);
        } catch (BalsaException e) {
          continue; // by no lease
        }
        answered++;
        assertThat(acknowledged && rows == 1).as("stale, in answer %d", answered).isFalse();
      }
      elsewhere.get(60, TimeUnit.SECONDS);
      assertThatThrownBy(() -> count(old, byLease)).isInstanceOf(BalsaException.class);
      return answered > 0;
    }
  }

  private static BalsaNode leaderBeside(LocalCluster cluster, BalsaNode old) {
    CompletableFuture<BalsaNode> found = new CompletableFuture<>();
    for (BalsaNode node : followers(cluster, old)) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  if (node.awaitLeading(PATIENCE)) {
                    found.complete(node);
                  }
                } catch (InterruptedException e) {
                  found.completeExceptionally(e);
                }
              },
              "awaits-leader");
      thread.setDaemon(true);
      thread.start();
    }
    return found.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
