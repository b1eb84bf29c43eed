package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.sqlite.vfs.Publisher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Engines that take one decision wrongly, each under a scenario that the sound engine passes: the
 * scenario must notice.
 */
@Timeout(180)
final class BrokenEngineTest {
  @TempDir Path folder;

  /** What happens, and what must hold then. */
  private interface Scenario {
    void run(Writers writers) throws Exception;
  }

  private void onlySoundPasses(Scenario scenario, EngineDecisions broken, int entriesInFlightMax)
      throws Exception {
    run(scenario, EngineDecisions.SOUND, entriesInFlightMax);
    assertThatThrownBy(() -> run(scenario, broken, entriesInFlightMax))
        .as("the broken engine")
        .isInstanceOfAny(AssertionError.class, RuntimeException.class);
  }

  private void onlySoundPasses(Scenario scenario, EngineDecisions broken) throws Exception {
    onlySoundPasses(scenario, broken, 4);
  }

  private void run(Scenario scenario, EngineDecisions decisions, int entriesInFlightMax)
      throws Exception {
    Path place = Files.createTempDirectory(folder, "run");
    try (Writers writers =
        new Writers(place, decisions, new PipelineLimits(entriesInFlightMax, 64 << 20))) {
      scenario.run(writers);
    }
  }

  /** What was proposed is lost with the leadership; the node leads again. */
  private static void loseAndLeadAgain(Writers writers) throws InterruptedException {
    writers.raft.follow().supersede();
    writers.raft.lead().release();
    writers.raft.awaitApplied();
  }

  @Test
  void answerBeforeCommit() throws Exception {
    onlySoundPasses(
        writers -> {
          writers.raft.hold();
          writers.expectUnknown("INSERT INTO t VALUES (1, 'x')");
        },
        new EngineDecisions() {
          @Override
          void proposing(Shipment shipment, Publisher publisher) {
            shipment.succeed();
          }
        });
  }

  @Test
  void publishBeforeCommit() throws Exception {
    onlySoundPasses(
        writers -> {
          writers.raft.hold();
          writers.expectUnknown("INSERT INTO t VALUES (1, 'x')");
          assertThat(writers.ids()).isEmpty();
        },
        new EngineDecisions() {
          @Override
          void proposing(Shipment shipment, Publisher publisher) {
            publisher.publish(shipment.captured());
          }

          @Override
          void publish(Publisher publisher, Shipment shipment) {}
        });
  }

  @Test
  void endWithoutPagesAnsweredAtOnce() throws Exception {
    onlySoundPasses(
        writers -> {
          writers.raft.hold();
          writers.expectUnknown("INSERT INTO t VALUES (1, 'x')");
          writers.expectUnknown("INSERT OR IGNORE INTO t VALUES (1, 'x')");
        },
        new EngineDecisions() {
          @Override
          boolean waits(boolean undecidedBefore) {
            return false;
          }
        });
  }

  @Test
  void discardThatForgetsTheCut() throws Exception {
    onlySoundPasses(
        writers -> {
          writers.raft.hold();
          writers.expectUnknown("INSERT INTO t VALUES (1, 'x')");
          writers.expectUnknown("INSERT INTO t VALUES (2, 'x')");
          loseAndLeadAgain(writers);
          writers.now("INSERT INTO t VALUES (3, 'x')");
          assertThat(writers.ids()).containsExactly(3L);
          writers.assertReplicasAreIdentical();
        },
        new EngineDecisions() {
          @Override
          void discarded(Publisher publisher) {}
        });
  }

  private static final class RemembersDiscarded extends EngineDecisions {
    private final Map<EntryId, Shipment> shipped = new ConcurrentHashMap<>();

    @Override
    void proposing(Shipment shipment, Publisher publisher) {
      shipped.put(shipment.id(), shipment);
    }

    @Override
    @Nullable Shipment ownFrames(@Nullable CommitPipeline live, EntryId committed) {
      return shipped.get(committed);
    }
  }

  /** Two lines of defence: the frames are not those that were captured, or the view is not live. */
  @Test
  void entryPublishedByFramesOfADiscardedWriter() throws Exception {
    Scenario committedAfterAll =
        writers -> {
          writers.raft.hold();
          writers.expectUnknown("INSERT INTO t VALUES (1, 'x')");
          writers.expectUnknown("INSERT INTO t VALUES (2, 'x')");
          writers.raft.follow().release();
          writers.raft.awaitApplied();
          assertThat(writers.ids()).containsExactly(1L, 2L);
          writers.assertReplicasAreIdentical();
        };
    run(committedAfterAll, new RemembersDiscarded(), 4); // the frames are verified, and gone
    EngineDecisions trusting =
        new EngineDecisions() {
          private final RemembersDiscarded memory = new RemembersDiscarded();

          @Override
          void proposing(Shipment shipment, Publisher publisher) {
            memory.proposing(shipment, publisher);
          }

          @Override
          @Nullable Shipment ownFrames(@Nullable CommitPipeline live, EntryId committed) {
            return memory.ownFrames(live, committed);
          }

          @Override
          void publish(Publisher publisher, Shipment shipment) {
            try {
              publisher.publish(shipment.captured());
            } catch (RuntimeException e) {
              // Trusts that the frames are there.
            }
          }
        };
    onlySoundPasses(committedAfterAll, trusting);
  }

  @Test
  void writerKeptOverAnElection() throws Exception {
    onlySoundPasses(
        writers -> {
          writers.raft.hold();
          writers.expectUnknown("INSERT INTO t VALUES (1, 'x')");
          loseAndLeadAgain(writers);
          try (Session session = writers.raft.session(Writers.DATABASE)) {
            session.begin();
            assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
            session.execute("INSERT INTO t VALUES (2, 'x')");
            session.commit();
          }
        },
        new EngineDecisions() {
          @Override
          boolean endsViews(Leadership before, Leadership now) {
            return false;
          }

          /** The second line of defence: what is superseded would end the view too. */
          @Override
          boolean endsView(Shipment refused) {
            return false;
          }
        });
  }

  @Test
  void baseMixedAfterARefusedProposal() throws Exception {
    onlySoundPasses(
        writers -> {
          writers.raft.refuseOnce(Refusal.OVERLOADED);
          CompletableFuture<ExecuteResult> refused =
              writers.inFlight("INSERT INTO t VALUES (1, 'x')");
          writers.raft.tellRefusals();
          assertThat(Writers.failure(refused)).isInstanceOf(NotAppliedException.class);
          writers.now("INSERT INTO t VALUES (2, 'x')");
          assertThat(writers.ids()).containsExactly(2L);
        },
        new EngineDecisions() {
          @Override
          boolean endsView(Shipment refused) {
            return false;
          }

          @Override
          EntryId predecessor(EntryId shippedBefore, EntryId applied) {
            return applied;
          }

          @Override
          PageHashes base(ExecutedChecksum executed, DatabaseChecksum published) {
            return published;
          }
        });
  }

  /** Three updates of one row, merged behind a first one. */
  private static void updateTogether(Writers writers) throws Exception {
    writers.now("INSERT INTO t VALUES (1, 0)");
    writers.raft.hold();
    writers.expectUnknown("UPDATE t SET v = v + 1");
    writers.expectUnknown("UPDATE t SET v = v + 1");
    writers.expectUnknown("UPDATE t SET v = v + 1");
    writers.expectUnknown("UPDATE t SET v = v + 1");
    writers.raft.release();
    writers.now("DELETE FROM t WHERE id = 9"); // told after those before it
    writers.assertReplicasAreIdentical();
  }

  @Test
  void mergeThatKeepsTheOlderImage() throws Exception {
    onlySoundPasses(
        BrokenEngineTest::updateTogether,
        new EngineDecisions() {
          @Override
          int remaining(int older, int newer) {
            return older;
          }
        },
        1);
  }

  @Test
  void mergeThatKeepsPagesAboveTheFinalSize() throws Exception {
    onlySoundPasses(
        writers -> {
          writers.now("INSERT INTO t VALUES (1, 'x')");
          writers.raft.hold();
          writers.expectUnknown("INSERT INTO t VALUES (2, 'x')");
          writers.expectUnknown("INSERT INTO t VALUES (3, randomblob(100000))");
          writers.expectUnknown("DELETE FROM t WHERE id = 3");
          writers.expectUnknown("VACUUM");
          writers.raft.release();
          writers.now("INSERT INTO t VALUES (4, 'x')");
          assertThat(writers.ids()).containsExactly(1L, 2L, 4L);
          writers.assertReplicasAreIdentical();
        },
        new EngineDecisions() {
          @Override
          boolean remains(int page, int databasePages) {
            return true;
          }
        },
        1);
  }

  @Test
  void partOfADeposedLeaderApplied() throws Exception {
    Scenario deposedWithinParts =
        writers -> {
          writers.raft.hold();
          writers.expectUnknown(
              "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c"
                  + " WHERE x<5000) SELECT x, randomblob(4000) FROM c");
          writers.raft.follow().commitAll(); // the next leader has the first eight parts
          writers.raft.lead().release();
          writers.raft.awaitApplied();
          writers.now(
              "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c"
                  + " WHERE x<600) SELECT x, randomblob(4000) FROM c");
          assertThat(writers.ids()).hasSize(600);
          writers.assertReplicasAreIdentical();
        };
    onlySoundPasses(
        deposedWithinParts,
        new EngineDecisions() {
          @Override
          boolean forgetsParts(EntryId open, long term) {
            return false;
          }

          @Override
          boolean continues(EntryId part, @Nullable EntryId open) {
            return open != null;
          }
        });
  }
}
