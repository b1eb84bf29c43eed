package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.fsm.DatabaseStatus.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a disk changes behind everybody's back is found, and nothing else. */
@Timeout(120)
final class ScrubTest {
  @TempDir Path folder;

  private HandRaft open(Duration period, CheckpointPolicy checkpoints) {
    return HandRaft.open(
        FsmConfig.of(folder, "test").withCheckpoints(checkpoints).withScrubPeriod(period));
  }

  private static void fill(HandRaft raft, String database, int rows) {
    try (Session session = raft.session(database)) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      for (int i = 0; i < rows; i++) {
        session.execute("INSERT INTO t(v) VALUES (randomblob(3000))");
      }
    }
  }

  private static Phase phase(HandRaft raft, String database) {
    return raft.machine().databases().stream()
        .filter(each -> each.name().equals(database))
        .findFirst()
        .orElseThrow()
        .phase();
  }

  @Test
  void aPageThatHasChangedInTheMainFileIsFoundWithinThePeriod() {
    try (HandRaft raft = open(Duration.ofSeconds(1), CheckpointPolicy.every(8)).lead()) {
      fill(raft, "a.db", 200);
      fill(raft, "b.db", 3);
      Writers.awaitThat(() -> raft.machine().scrub().passes() > 0);
      Writers.awaitThat(() -> raft.machine().databases().get(0).checkpointIndex() > 150);
      assertThat(phase(raft, "a.db")).isEqualTo(Phase.SERVING);
      long before = System.nanoTime();
      Vandal.damage(folder.resolve("a.db"), 4096 * 100 + 77);
      Writers.awaitThat(() -> phase(raft, "a.db") == Phase.DAMAGED);
      // The page may have been read just before in this pass; then it is the next one's.
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
      assertThatThrownBy(() -> raft.session("a.db").query("SELECT count(*) FROM t"))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("page 101 in its main file has hash")
          .hasMessageContaining("as the scrub found");
      long passes = raft.machine().scrub().passes();
      Writers.awaitThat(() -> raft.machine().scrub().passes() > passes + 1);
      assertThat(phase(raft, "b.db")).isEqualTo(Phase.SERVING);
      assertThat(raft.machine().scrub().lastCompleted()).isNotNull();
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void aPageThatHasChangedInTheWalIsFound() throws Exception {
    try (HandRaft raft = open(Duration.ofMillis(200), CheckpointPolicy.DEFAULT).lead()) {
      fill(raft, "a.db", 20);
      Path wal = folder.resolve("a.db-wal");
      Vandal.damage(wal, Files.size(wal) - 4096 + 50);
      Writers.awaitThat(() -> phase(raft, "a.db") == Phase.DAMAGED);
      assertThatThrownBy(() -> raft.session("a.db").query("SELECT count(*) FROM t"))
          .hasMessageContaining("of its WAL has hash");
    }
  }

  @Test
  void nothingIsFoundWhereNothingIsWrongWhateverGoesOn() throws Exception {
    CheckpointPolicy tiny =
        new CheckpointPolicy(8, 10, 1L << 40, 60, 4_000, Duration.ofSeconds(30));
    try (HandRaft raft = open(Duration.ofMillis(1), tiny).lead()) {
      fill(raft, "a.db", 300);
      try (Session session = raft.session("a.db")) {
        for (int i = 0; i < 400 || raft.machine().scrub().passes() < 20; i++) {
          session.execute("UPDATE t SET v = randomblob(2900) WHERE id % 37 = ?", i % 37);
          if (i % 100 == 50) {
            session.execute("DELETE FROM t WHERE id % 10 = 3");
            session.execute("VACUUM");
          }
        }
      }
      raft.follow().lead();
      Writers.awaitThat(() -> raft.machine().leadershipView().now().equals(raft.leadership()));
      fill(raft, "b.db", 50);
      raft.machine().drop("b.db", Duration.ofSeconds(10));
      raft.restart();
      Writers.awaitThat(() -> raft.machine().scrub().passes() > 2);
      assertThat(phase(raft, "a.db")).isEqualTo(Phase.SERVING);
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void aPeriodOfZeroMeansNever() {
    try (HandRaft raft = open(Duration.ZERO, CheckpointPolicy.DEFAULT).lead()) {
      fill(raft, "a.db", 20);
      assertThat(raft.machine().scrub()).isEqualTo(ScrubStatus.NONE);
    }
  }

  @Test
  void aPassTakesThePeriod() {
    // 4 MiB are 16 steps; a pass that does not keep to its pace takes some 50 ms.
    try (HandRaft raft = open(Duration.ofSeconds(3), CheckpointPolicy.DEFAULT).lead()) {
      raft.session("a.db").execute("CREATE TABLE t(v)");
      raft.session("a.db").execute("INSERT INTO t VALUES (zeroblob(4000000))");
      Writers.awaitThat(() -> raft.machine().scrub().pagesTotal() > 900);
      long passes = raft.machine().scrub().passes();
      long before = System.nanoTime();
      Writers.awaitThat(() -> raft.machine().scrub().passes() >= passes + 2);
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isGreaterThan(Duration.ofMillis(2500));
    }
  }
}
