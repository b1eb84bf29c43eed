package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.fsm.DatabaseStatus.Phase;
import dev.balsa.raft.core.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica that went wrong gets a good copy from others, while the node runs. */
@Timeout(180)
final class HealingTest {
  private static final CheckpointPolicy TINY =
      new CheckpointPolicy(8, 10, 1L << 40, 60, 4_000, Duration.ofSeconds(30));

  @TempDir Path folder;
  private final Mesh mesh = new Mesh();

  @AfterEach
  void closeMesh() {
    mesh.close();
  }

  private FsmConfig config(int id) {
    return FsmConfig.of(folder.resolve("n" + id), "n" + id).withCheckpoints(TINY);
  }

  private static void insert(HandRaft raft, int rows) {
    try (Session session = raft.session("a.db")) {
      session.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
      for (int i = 0; i < rows; i++) {
        session.execute("INSERT INTO t(v) VALUES (randomblob(3000))");
      }
    }
  }

  private static void follow(HandRaft follower, HandRaft leader) throws InterruptedException {
    long next = follower.lastIndex();
    for (Entry entry : leader.committedEntries()) {
      if (entry.index() > next) {
        follower.receive(entry);
      }
    }
    follower.awaitApplied();
  }

  private static DatabaseStatus status(HandRaft raft) {
    return raft.machine().databases().get(0);
  }

  /** Stops a node in order, damages a page of its main file, and starts it again. */
  private void damage(HandRaft raft, int id) throws IOException {
    raft.stop();
    Path file = folder.resolve("n" + id).resolve("a.db");
    byte[] bytes = Files.readAllBytes(file);
    bytes[4096 * 50 + 17] ^= 4;
    Files.write(file, bytes);
    raft.restart();
    assertThat(status(raft).phase()).isEqualTo(Phase.DAMAGED);
  }

  private static void awaitServing(HandRaft raft) {
    Writers.awaitThat(() -> status(raft).phase() == Phase.SERVING);
  }

  private List<String> leftovers(int id) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("n" + id))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(n -> n.startsWith("_heal"))
          .toList();
    }
  }

  @Test
  void aDamagedReplicaGetsACopyWhileCommitsAndCheckpointsGoOn() throws Exception {
    try (HandRaft one = HandRaft.open(config(1)).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 300);
      follow(two, one);
      follow(three, one);
      damage(three, 3);
      Path damaged = folder.resolve("n3").resolve("a.db");
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      mesh.connect(3, three, 1L, 2L, 3L);
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      try (Session session = one.session("a.db")) {
        for (int i = 0; status(three).phase() != Phase.SERVING; i++) {
          assertThat(System.nanoTime()).isLessThan(deadline);
          session.execute("UPDATE t SET v = randomblob(2900) WHERE id % 37 = ?", i % 37);
          if (i % 20 == 7) {
            session.execute("DELETE FROM t WHERE id = ?", i);
          }
          follow(two, one);
          follow(three, one);
        }
      }
      insert(one, 5);
      follow(two, one);
      follow(three, one);
      assertThat(status(three).checksum()).isEqualTo(status(one).checksum());
      assertThat(three.session("a.db", SessionOptions.STALE).query("PRAGMA integrity_check"))
          .isNotNull();
      assertThat(three.failure()).isNull();
      assertThat(one.failure()).isNull();
      assertThat(two.failure()).isNull();
      assertThat(leftovers(3)).isEmpty();
      assertThat(damaged).exists();
      three.restart();
      assertThat(status(three).phase()).isEqualTo(Phase.SERVING);
      assertThat(status(three).checksum()).isEqualTo(status(one).checksum());
      assertThat(mesh.transfers()).isEmpty();
    }
  }

  @Test
  void noCopyIsTakenUntilAMajorityAgrees() throws Exception {
    try (HandRaft one = HandRaft.open(config(1)).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 100);
      follow(two, one);
      follow(three, one);
      damage(three, 3);
      mesh.cut(2);
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      mesh.connect(3, three, 1L, 2L, 3L);
      // Node 1 alone answers: twice, since a round without an answer of node 2 takes its patience.
      long rounds = System.nanoTime() + Duration.ofSeconds(8).toNanos();
      Writers.awaitThat(() -> System.nanoTime() > rounds);
      assertThat(status(three).phase()).isEqualTo(Phase.DAMAGED);
      mesh.restore(2);
      awaitServing(three);
      assertThat(status(three).checksum()).isEqualTo(status(one).checksum());
    }
  }

  @Test
  void damageOutlivesARestartAndIsHealedAfterIt() throws Exception {
    try (HandRaft one = HandRaft.open(config(1)).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 100);
      follow(two, one);
      follow(three, one);
      damage(three, 3);
      insert(one, 100);
      follow(two, one);
      follow(three, one);
      assertThat(status(three).phase()).isEqualTo(Phase.DAMAGED);
      Files.write(folder.resolve("n3").resolve("_heal.a.db"), new byte[10_000]); // half a copy
      three.restart();
      assertThat(status(three).phase()).isEqualTo(Phase.DAMAGED);
      assertThat(leftovers(3)).isEmpty();
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      mesh.connect(3, three, 1L, 2L, 3L);
      awaitServing(three);
      assertThat(status(three).checksum()).isEqualTo(status(one).checksum());
    }
  }

  @Test
  void aNodeThatLagsServesTheCopyOnlyOnceItHasAppliedWhatMayBeInIt() throws Exception {
    try (HandRaft one = HandRaft.open(config(1)).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 100);
      follow(two, one);
      follow(three, one);
      damage(three, 3);
      insert(one, 100);
      follow(two, one);
      Writers.awaitThat(
          () -> status(one).checkpointIndex() > 150 && status(two).checkpointIndex() > 150);
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      mesh.connect(3, three, 1L, 2L, 3L);
      Writers.awaitThat(() -> status(three).phase() == Phase.HEALING);
      long until = System.nanoTime() + Duration.ofSeconds(2).toNanos();
      Writers.awaitThat(() -> System.nanoTime() > until);
      assertThat(status(three).phase()).isIn(Phase.HEALING, Phase.DAMAGED);
      follow(three, one);
      awaitServing(three);
      assertThat(status(three).checksum()).isEqualTo(status(one).checksum());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aCopyThatIsNotWhatTheLogSaysIsNotTakenButAnothers(int rotten) throws Exception {
    try (HandRaft one = HandRaft.open(config(1)).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 200);
      follow(two, one);
      follow(three, one);
      Writers.awaitThat(
          () -> status(one).checkpointIndex() > 150 && status(two).checkpointIndex() > 150);
      // Nobody has noticed yet. Of the two, it is the one whose copy would be asked for or not.
      Vandal.damage(folder.resolve("n" + rotten).resolve("a.db"), 4096 * 70 + 5);
      damage(three, 3);
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      mesh.connect(3, three, 1L, 2L, 3L);
      awaitServing(three);
      assertThat(status(three).checksum()).isEqualTo(status(one).checksum());
      three.restart();
      assertThat(status(three).phase()).isEqualTo(Phase.SERVING);
    }
  }

  @Test
  void aLeaderWithADamagedDatabaseLetsASoundNodeLead() throws Exception {
    try (HandRaft one = HandRaft.open(config(1).withScrubPeriod(Duration.ofMillis(100))).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 100);
      follow(two, one);
      follow(three, one);
      damage(two, 2); // so node 3 is the only one
      mesh.cut(2);
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      mesh.connect(3, three, 1L, 2L, 3L);
      Writers.awaitThat(() -> status(one).checkpointIndex() > 80);
      Vandal.damage(folder.resolve("n1").resolve("a.db"), 4096 * 60 + 5);
      Writers.awaitThat(() -> mesh.transfers().contains("1 to 3"));
      assertThat(status(one).phase()).isEqualTo(Phase.DAMAGED);
      assertThat(mesh.transfers()).doesNotContain("1 to 2");
      one.follow();
      one.machine().appliedIndex();
      int before = mesh.transfers().size();
      one.lead(); // elected all the same
      Writers.awaitThat(() -> mesh.transfers().size() > before);
      assertThat(one.failure()).isNull();
    }
  }

  @Test
  void aLeaderThatAMajorityContradictsStopsServingAndSaysSo() throws Exception {
    // Its idea of page 2 is wrong: what it computes of the page's next change is wrong with it.
    EngineDecisions wrong =
        new EngineDecisions() {
          @Override
          PageHashes base(ExecutedChecksum executed, DatabaseChecksum published) {
            return new PageHashes() {
              @Override
              public int pageSize() {
                return executed.pageSize();
              }

              @Override
              public int pages() {
                return executed.pages();
              }

              @Override
              public long value() {
                return executed.value();
              }

              @Override
              public long hash(int number) {
                return number == 2 && executed.pages() > 20
                    ? executed.hash(number) ^ 1
                    : executed.hash(number);
              }
            };
          }
        };
    try (HandRaft one = HandRaft.open(config(1), wrong, PipelineLimits.DEFAULT).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 30);
      try {
        one.session("a.db").execute("VACUUM"); // writes page 2
      } catch (DatabaseUnavailableException e) {
        throw new AssertionError(e);
      }
      follow(two, one);
      follow(three, one);
      assertThat(status(two).phase()).isEqualTo(Phase.DAMAGED);
      assertThat(status(three).phase()).isEqualTo(Phase.DAMAGED);
      assertThat(status(one).phase()).isEqualTo(Phase.SERVING);
      mesh.connect(1, one, 1L, 2L, 3L);
      mesh.connect(2, two, 1L, 2L, 3L);
      // One alone is no majority.
      long rounds = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      Writers.awaitThat(() -> System.nanoTime() > rounds);
      assertThat(status(one).phase()).isEqualTo(Phase.SERVING);
      mesh.connect(3, three, 1L, 2L, 3L);
      Writers.awaitThat(() -> status(one).phase() == Phase.DAMAGED);
      assertThatThrownBy(() -> one.session("a.db").query("SELECT 1"))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("a majority of the voters, the nodes [2, 3], computes checksum");
      Writers.awaitThat(() -> mesh.transfers().equals(List.of("1 to 2")));
      assertThat(one.failure()).isNull();
    }
  }

  @Test
  void aNodeAloneStaysDamaged() throws Exception {
    try (HandRaft one = HandRaft.open(config(1)).lead()) {
      insert(one, 100);
      damage(one, 1);
      mesh.connect(1, one, 1L);
      one.lead();
      long rounds = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      Writers.awaitThat(() -> System.nanoTime() > rounds);
      assertThat(status(one).phase()).isEqualTo(Phase.DAMAGED);
      assertThat(mesh.transfers()).isEmpty();
      assertThat(one.failure()).isNull();
    }
  }

  @Test
  void aDamagedDatabaseCanBeDroppedAndItsNameUsedAgain() throws Exception {
    try (HandRaft one = HandRaft.open(config(1)).lead();
        HandRaft two = HandRaft.open(config(2));
        HandRaft three = HandRaft.open(config(3))) {
      insert(one, 100);
      follow(two, one);
      follow(three, one);
      damage(three, 3);
      one.machine().drop("a.db", Duration.ofSeconds(10));
      insert(one, 3);
      follow(two, one);
      follow(three, one);
      assertThat(status(three).phase()).isEqualTo(Phase.SERVING);
      assertThat(status(three).checksum()).isEqualTo(status(one).checksum());
    }
  }
}
