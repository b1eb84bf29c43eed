package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions in parts, none of which is kept in memory: their pages are in the WAL from the first
 * part on, and readers see them with the last one.
 */
@Timeout(120)
final class LargeTransactionTest {
  private static final int ROWS = 100;
  private static final String LARGE =
      "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<"
          + ROWS
          + ") SELECT x, randomblob(4000) FROM c";

  @TempDir Path folder;
  private Writers writers;

  /** Parts of four pages; nothing of more than five pages is kept in memory. */
  @BeforeEach
  void openWriters() {
    writers =
        new Writers(
            folder,
            new FsmConfig(folder.resolve("leader"), 4096, 20_000, "large"),
            EngineDecisions.SOUND,
            new PipelineLimits(2, 64 << 20, 5 * 4096));
  }

  @AfterEach
  void closeWriters() {
    writers.close();
  }

  /** The first eight parts are proposed. */
  private CompletableFuture<ExecuteResult> largeInFlight() throws InterruptedException {
    writers.raft.hold();
    CompletableFuture<ExecuteResult> large = writers.inFlight(LARGE);
    writers.raft.awaitUndecided(8);
    return large;
  }

  /** How many of its parts are committed or in flight. */
  private static int proposedBy(HandRaft raft) {
    return parts(raft).size() + raft.undecided();
  }

  /** How many parts it has. */
  private int parts() {
    return parts(writers.raft).get(0).parts();
  }

  /** Its committed parts. */
  private static List<Command.Commit> parts(HandRaft raft) {
    return raft.committedEntries().stream()
        .filter(entry -> entry.type() == EntryType.COMMAND)
        .map(entry -> EntryCodec.decode(entry.payload()))
        .filter(command -> command instanceof Command.Commit commit && commit.parts() > 1)
        .map(command -> (Command.Commit) command)
        .toList();
  }

  private long walBytes() throws Exception {
    return Files.size(writers.raft.folder().resolve(Writers.DATABASE + "-wal"));
  }

  private void assertGoesOnWithRows(int rows) throws Exception {
    writers.raft.awaitApplied();
    assertThat(writers.ids()).hasSize(rows);
    writers.now("INSERT INTO t VALUES (1000, 'x')");
    assertThat(writers.ids()).hasSize(rows + 1);
    writers.assertReplicasAreIdentical();
  }

  @Test
  void itIsReadFromTheWalForItsEntriesAndPublishedAsAWhole() throws Exception {
    CompletableFuture<ExecuteResult> large = largeInFlight();
    assertThat(writers.pipeline().bytes()).isLessThan(20_000);
    writers.raft.commitSome(3);
    writers.raft.awaitApplied();
    assertThat(writers.ids()).isEmpty();
    writers.raft.release();
    Writers.get(large);
    assertThat(writers.view().pipeline().bytes()).isZero();
    assertGoesOnWithRows(ROWS);
  }

  @Test
  void itIsMergedWithOthersWithoutBeingRead() throws Exception {
    writers.raft.hold();
    CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (500, 'x')");
    CompletableFuture<ExecuteResult> second = writers.inFlight("INSERT INTO t VALUES (501, 'x')");
    CompletableFuture<ExecuteResult> small = writers.queued("INSERT INTO t VALUES (502, 'x')");
    CompletableFuture<ExecuteResult> spilled =
        writers.queued("INSERT INTO t VALUES (503, randomblob(30000))");
    writers.raft.release();
    for (CompletableFuture<ExecuteResult> each : List.of(first, second, small, spilled)) {
      Writers.get(each);
    }
    assertGoesOnWithRows(4);
  }

  @Test
  void theNextLeaderCompletesItWithTheFramesOfTheOldView() throws Exception {
    CompletableFuture<ExecuteResult> large = largeInFlight();
    writers.raft.commitSome(3); // here, these are the writer's own frames
    writers.raft.awaitUndecided(8);
    while (writers.raft.undecided() >= 8) {
      int proposed = proposedBy(writers.raft);
      writers.raft.commitSome(1);
      Writers.awaitThat(() -> proposedBy(writers.raft) > proposed || proposed == parts());
    }
    writers.raft.awaitApplied();
    assertThat(writers.ids()).isEmpty();
    long size = walBytes();
    writers.raft.follow();
    assertThat(Writers.failure(large)).isInstanceOf(OutcomeUnknownException.class);
    Writers.awaitThat(() -> writers.database().writer() == null);
    assertThat(walBytes()).isEqualTo(size);
    writers.raft.lead().release(); // what was proposed comes before the new leader's first entry
    assertGoesOnWithRows(ROWS);
  }

  @Test
  void theNextLeaderDoesNotHaveItsLastPartsAndItsFramesGo() throws Exception {
    CompletableFuture<ExecuteResult> large = largeInFlight();
    writers.raft.commitSome(3);
    writers.raft.awaitApplied();
    writers.raft.follow();
    assertThat(Writers.failure(large)).isInstanceOf(OutcomeUnknownException.class);
    writers.raft.supersede();
    writers.raft.awaitApplied();
    writers.assertWalIsCut();
    writers.raft.lead().release();
    assertGoesOnWithRows(0);
  }

  @Test
  void aDiscardBeforeItsFirstPartLeavesItToItsImages() throws Exception {
    CompletableFuture<ExecuteResult> large = largeInFlight();
    writers.raft.follow();
    assertThat(Writers.failure(large)).isInstanceOf(OutcomeUnknownException.class);
    writers.assertWalIsCut();
    writers.raft.commitAll(); // eight parts, and no more will come
    writers.raft.awaitApplied();
    assertThat(walBytes()).isGreaterThan(8 * 4 * 4096);
    writers.raft.supersede();
    writers.raft.awaitApplied();
    writers.assertWalIsCut();
    writers.raft.lead().release();
    assertGoesOnWithRows(0);
  }

  @Test
  void aRefusedPartEndsItAndTheSameTermGoesOn() throws Exception {
    CompletableFuture<ExecuteResult> large = largeInFlight();
    CompletableFuture<ExecuteResult> behind = writers.queued("DELETE FROM t");
    writers.raft.refuseOnce(Refusal.OVERLOADED);
    writers.raft.commitSome(3);
    Writers.awaitThat(
        () -> {
          writers.raft.tellRefusals();
          writers.raft.commitAll();
          return large.isDone();
        });
    assertThat(Writers.failure(large)).isInstanceOf(BalsaException.class);
    assertThat(Writers.failure(behind)).isInstanceOf(NotAppliedException.class);
    // The gap in the log may have ended it before the refusal was told; no writer view before that.
    writers.raft.tellRefusals();
    writers.raft.release();
    assertGoesOnWithRows(0);
  }

  @Test
  void anotherLeadersPartsComeBeforeThisNodeKnowsThatItLeadsNoMore() throws Exception {
    try (HandRaft next =
        HandRaft.open(new FsmConfig(folder.resolve("next"), 4096, 20_000, "next"))) {
      writers.raft.committedEntries().forEach(next::receive);
      int known = writers.raft.committedEntries().size();
      next.follow().lead(); // of a later term than that in which our writer view is open
      try (Session session = next.session(Writers.DATABASE)) {
        session.execute(LARGE);
      }
      assertThat(writers.database().writer()).isNotNull();
      List<Entry> news = next.committedEntries();
      news.subList(known, news.size()).forEach(writers.raft::receive);
    }
    writers.raft.awaitApplied();
    assertThat(writers.ids()).hasSize(ROWS);
    assertThat(writers.database().writer()).isNull();
    writers.assertReplicasAreIdentical();
  }

  @Test
  void aFollowerStagesItWhileAnotherDatabaseGoesOnAndRecoversIt() throws Exception {
    writers.now("INSERT INTO t VALUES (500, 'x')");
    List<Entry> mixed;
    try (Session other = writers.raft.session("other.db")) {
      other.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      writers.now(LARGE);
      other.execute("INSERT INTO t VALUES (1, randomblob(3000))");
      mixed = new ArrayList<>(writers.raft.committedEntries());
      mixed.add(mixed.size() - 16, mixed.remove(mixed.size() - 1)); // between the parts
    }
    try (HandRaft follower = HandRaft.open(folder.resolve("follower"))) {
      int half = mixed.size() - 12;
      mixed.subList(0, half).forEach(follower::receive);
      follower.awaitApplied();
      assertThat(rows(follower)).isEqualTo(1);
      follower.restart(); // parts of it are in the log alone
      follower.awaitApplied();
      assertThat(rows(follower)).isEqualTo(1);
      mixed.subList(half, mixed.size()).forEach(follower::receive);
      follower.awaitApplied();
      assertThat(follower.failure()).isNull();
      assertThat(rows(follower)).isEqualTo(ROWS + 1);
      follower.restart();
      assertThat(rows(follower)).isEqualTo(ROWS + 1);
      assertThat(follower.machine().databases())
          .extracting(DatabaseStatus::checksum)
          .isEqualTo(
              writers.raft.machine().databases().stream().map(DatabaseStatus::checksum).toList());
    }
  }

  private static long rows(HandRaft node) {
    try (Session session = node.session(Writers.DATABASE, SessionOptions.STALE)) {
      return session.query("SELECT count(*) FROM t").get(0).getLong(0);
    }
  }
}
