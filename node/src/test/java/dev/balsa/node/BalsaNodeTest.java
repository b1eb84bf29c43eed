package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.demo.DemoChecker;
import dev.balsa.demo.FreePorts;
import dev.balsa.fsm.Activities;
import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.NotAppliedException;
import dev.balsa.fsm.NotLeaderException;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.node.NodeStatus.PeerStatus;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes, three in this process: files, sockets and threads as in production. */
@Timeout(180)
class BalsaNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private static List<Long> numbers(BalsaNode node, SessionOptions options) {
    List<Long> numbers = new ArrayList<>();
    try (Session session = node.session("app", options)) {
      session.query("SELECT id FROM t ORDER BY id").forEach(row -> numbers.add(row.getLong(0)));
    }
    return numbers;
  }

  @Test
  void aNodeOfItsOwnKeepsWhatItWroteThroughARestart() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 1)) {
      BalsaNode node = cluster.leader();
      try (Session session = node.session("app")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
        session.execute("INSERT INTO t VALUES (1), (2)");
      }
      cluster.stop(1);
      assertThatThrownBy(() -> node.session("app").execute("INSERT INTO t VALUES (3)"))
          .isInstanceOf(BalsaException.class);
      cluster.start(1);
      BalsaNode again = cluster.leader();
      assertThat(again.awaitReady(PATIENCE)).isTrue();
      assertThat(numbers(again, SessionOptions.DEFAULT)).containsExactly(1L, 2L);
    }
  }

  @Test
  void whatTheLeaderCommitsIsOnAllNodes() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      try (Session session = leader.session("app")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
        for (int i = 1; i <= 20; i++) {
          session.execute("INSERT INTO t VALUES (?)", i);
        }
        assertThat(session.query("SELECT count(*) FROM t").get(0).getLong(0)).isEqualTo(20);
      }
      cluster.awaitApplied();
      for (BalsaNode node : cluster.nodes()) {
        assertThat(node.awaitReady(PATIENCE)).isTrue();
        assertThat(numbers(node, SessionOptions.STALE)).hasSize(20);
      }
    }
  }

  @Test
  void aFollowerRefusesAndNamesTheLeader() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      try (Session session = leader.session("app")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      }
      BalsaNode follower = cluster.follower();
      assertThat(follower.awaitReady(PATIENCE)).isTrue();
      long id = leader.config().nodeId();
      try (Session session = follower.session("app")) {
        assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (1)"))
            .isInstanceOfSatisfying(
                NotLeaderException.class,
                e -> {
                  assertThat(e.leaderId()).isEqualTo(id);
                  assertThat(e.leaderAddress()).isEqualTo(cluster.address(id));
                });
        assertThatThrownBy(() -> session.query("SELECT * FROM t"))
            .isInstanceOf(NotLeaderException.class);
      }
    }
  }

  @Test
  void aClusterOfThreeGoesOnWithoutItsLeaderWhichCatchesUpLater() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode first = cluster.leader();
      try (Session session = first.session("app")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
        session.execute("INSERT INTO t VALUES (1)");
        session.begin();
        session.execute("INSERT INTO t VALUES (99)");
        cluster.stop(first.config().nodeId());
        assertThatThrownBy(session::commit).isInstanceOf(BalsaException.class);
      }
      BalsaNode second = cluster.leader();
      assertThat(second.config().nodeId()).isNotEqualTo(first.config().nodeId());
      try (Session session = second.session("app")) {
        session.execute("INSERT INTO t VALUES (2)");
      }
      BalsaNode back = cluster.start(first.config().nodeId());
      assertThat(back.awaitReady(PATIENCE)).isTrue();
      assertThat(numbers(back, SessionOptions.STALE)).containsExactly(1L, 2L);
    }
  }

  @Test
  void aLeaderWithoutAQuorumAcknowledgesNothing() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      long id = leader.config().nodeId();
      try (Session session =
          leader.session("app", SessionOptions.DEFAULT.withTimeout(Duration.ofSeconds(30)))) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
        for (long other = 1; other <= 3; other++) {
          if (other != id) {
            cluster.stop(other);
          }
        }
        assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (1)"))
            .isInstanceOf(BalsaException.class);
        assertThatThrownBy(() -> session.query("SELECT * FROM t"))
            .isInstanceOf(NotAppliedException.class);
      }
      assertThat(numbers(leader, SessionOptions.STALE)).isEmpty();
    }
  }

  /** What statement-based replication gets wrong: pages are replicated here, not statements. */
  @Test
  void nondeterministicSqlIsTheSameOnAllNodes() throws Exception {
    List<Long> ids = new ArrayList<>();
    Map<Long, Path> databases;
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      databases = cluster.databases("app");
      try (Session session = cluster.leader().session("app")) {
        session.execute(
            "CREATE TABLE entries(id INTEGER PRIMARY KEY, r INTEGER DEFAULT (random()),"
                + " at TEXT DEFAULT CURRENT_TIMESTAMP, b BLOB DEFAULT (randomblob(20)))");
        session.execute("CREATE TABLE log(seq INTEGER PRIMARY KEY AUTOINCREMENT, of, noise, at)");
        session.execute(
            "CREATE TRIGGER entries_log AFTER INSERT ON entries BEGIN"
                + " INSERT INTO log(of, noise, at) VALUES (new.id, randomblob(16),"
                + " julianday('now')); END");
        session.execute("CREATE INDEX by_noise ON entries(r, b)");
        for (long id = 1; id <= 30; id++) {
          session.execute("INSERT INTO entries(id) VALUES (?)", id);
          ids.add(id);
        }
        session.execute(
            "INSERT INTO entries(id, b) SELECT 1000 + row_number() OVER (ORDER BY random()), b"
                + " FROM entries ORDER BY random()");
        session.execute("UPDATE entries SET b = randomblob(abs(random()) % 300) WHERE r % 2");
        session.execute(
            "DELETE FROM log WHERE seq IN (SELECT seq FROM log ORDER BY random() LIMIT 5)");
        session.execute("CREATE TABLE shuffled AS SELECT * FROM entries ORDER BY random()");
        session.transaction(
            open ->
                open.execute(
                    "UPDATE shuffled SET at = strftime('%f', 'now'), r = changes() + random()"));
        session.execute("VACUUM");
      }
      cluster.awaitApplied();
    }
    DemoChecker.Verdict verdict =
        new DemoChecker("entries", folder.resolve("check"))
            .check(databases, ids.stream().mapToLong(Long::longValue).toArray());
    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict.identical()).isTrue();
  }

  /** Some forty entries of the log: more than may be uncommitted or unapplied at a time. */
  @Test
  void aTransactionOfFortyMegabytesTravelsInParts() throws Exception {
    Map<Long, Path> databases;
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      databases = cluster.databases("app");
      SessionOptions patient = SessionOptions.DEFAULT.withTimeout(PATIENCE);
      try (Session session = cluster.leader().session("app", patient)) {
        session.execute("CREATE TABLE entries(id INTEGER PRIMARY KEY, b)");
        session.execute(
            "INSERT INTO entries WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
                + " WHERE x < 10000) SELECT x, randomblob(4000) FROM c");
        assertThat(session.query("SELECT count(*) FROM entries").single().getLong(0))
            .isEqualTo(10_000);
        session.execute("DELETE FROM entries WHERE id > 5");
        session.execute("VACUUM");
      }
      cluster.awaitApplied();
    }
    DemoChecker.Verdict verdict =
        new DemoChecker("entries", folder.resolve("check"))
            .check(databases, new long[] {1, 2, 3, 4, 5});
    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict.identical()).isTrue();
  }

  @Test
  void manyWritersTakeTurnsAndNoIncrementIsLost() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      SessionOptions patient = SessionOptions.DEFAULT.withTimeout(PATIENCE);
      try (Session session = leader.session("app", patient)) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
        session.execute("INSERT INTO t VALUES (0)");
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        for (int w = 0; w < 8; w++) {
          writers.add(
              CompletableFuture.runAsync(
                  () -> {
                    try (Session own = leader.session("app", patient)) {
                      for (int i = 0; i < 25; i++) {
                        own.transaction(
                            open -> {
                              long read = open.query("SELECT id FROM t").single().getLong(0);
                              return open.execute("UPDATE t SET id = ?", read + 1);
                            });
                      }
                    }
                  },
                  pool));
        }
        CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).get();
        pool.shutdown();
        assertThat(session.query("SELECT id FROM t").single().getLong(0)).isEqualTo(200);
      }
    }
  }

  @Test
  void whoeverAsksIsToldOfTheLogsForcesAndAllocationsUntilTheyAreOver() throws Exception {
    Map<Activities.Kind, Integer> begun = new ConcurrentHashMap<>();
    Map<Activities.Kind, Integer> running = new ConcurrentHashMap<>();
    BalsaConfig config =
        BalsaConfig.builder()
            .nodeId(1)
            .dataFolder(folder)
            .listen("127.0.0.1:" + FreePorts.find(1).get(0))
            .build();
    Activities activities =
        kind -> {
          begun.merge(kind, 1, Integer::sum);
          running.merge(kind, 1, Integer::sum);
          return () -> running.merge(kind, -1, Integer::sum);
        };
    try (BalsaNode node = BalsaNode.start(config, leadership -> {}, activities)) {
      assertThat(node.awaitLeading(PATIENCE)).isTrue();
      int before = begun.getOrDefault(Activities.Kind.FORCE, 0);
      try (Session session = node.session("app")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      }
      assertThat(begun.get(Activities.Kind.FORCE)).isGreaterThan(before);
    }
    assertThat(begun).containsKeys(Activities.Kind.WRITE, Activities.Kind.ALLOCATION);
    assertThat(running.values()).containsOnly(0);
  }

  @Test
  void theStatusTellsRoleLogDatabasesAndPeers() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      try (Session session = leader.session("app")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
      }
      assertThat(leader.awaitReady(PATIENCE)).isTrue();
      NodeStatus status = leader.status();
      assertThat(status.isLeader()).isTrue();
      assertThat(status.ready()).isTrue();
      assertThat(status.clusterId()).isNotNull();
      assertThat(status.leaderAddress()).isEqualTo(cluster.address(status.nodeId()));
      assertThat(status.commitIndex()).isGreaterThanOrEqualTo(2);
      assertThat(status.databases()).extracting(d -> d.name()).containsExactly("app");
      assertThat(status.peers()).extracting(PeerStatus::nodeId).hasSize(2);
      assertThat(status.peers())
          .allSatisfy(
              peer -> {
                assertThat(peer.bytesOut()).isPositive();
                assertThat(peer.bytesIn()).isPositive();
              });
      assertThat(status.membersCommitted()).isTrue();
      assertThat(status.members())
          .hasSize(3)
          .allSatisfy(
              member -> {
                assertThat(member.role()).isEqualTo("voter");
                assertThat(member.address()).isEqualTo(cluster.address(member.nodeId()));
                assertThat(member.progress() == null).isEqualTo(member.nodeId() == status.nodeId());
              });
      assertThat(status.toText()).contains("member    node 1 at " + cluster.address(1) + ", voter");
      assertThat(status.logBytes()).isPositive();
      assertThat(status.failure()).isNull();
      assertThat(status.toText()).contains("role      leader, term").contains("app: 2 pages");
      assertThat(status.toJson())
          .contains("\"role\": \"LEADER\"")
          .contains("\"databases\": [{\"name\": \"app\"")
          .contains("\"members\": [{\"nodeId\": 1, \"role\": \"voter\", \"outgoing\": false")
          .contains("\"membersCommitted\": true")
          .containsPattern("\"bytesOut\": [1-9][0-9]*, \"bytesIn\": [1-9]")
          .contains("\"failure\": null");
    }
  }

  @Test
  void theStatusPageAnswersOverHttp() throws Exception {
    BalsaConfig config;
    try (LocalCluster cluster = new LocalCluster(folder, 1)) {
      config = cluster.config(1).statusListen("127.0.0.1:0").build();
    }
    try (BalsaNode node = BalsaNode.start(config)) {
      assertThat(node.awaitLeading(PATIENCE)).isTrue();
      InetSocketAddress at = node.statusAddress().orElseThrow();
      HttpClient http = HttpClient.newHttpClient();
      assertThat(get(http, at, "/").body()).contains("role      leader, term");
      assertThat(get(http, at, "/status.json").body()).startsWith("{\"version\": ");
      assertThat(get(http, at, "/other").statusCode()).isEqualTo(404);
    }
  }

  private static HttpResponse<String> get(HttpClient http, InetSocketAddress at, String path)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.getPort() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void closingEndsAllThreadsOfTheNode() throws Exception {
    try (LocalCluster cluster = new LocalCluster(folder, 1)) {
      cluster.leader();
      cluster.stop(1);
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().startsWith("balsa-")) {
          thread.join(PATIENCE.toMillis()); // it may be on its very last steps
          assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
      }
    }
  }
}
