package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Effect.Refusal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everybody is told, and nobody anything false, with several entries in flight. */
@Timeout(120)
final class PipelineFailureTest {
  private static final int WAL_HEADER_BYTES = 32;

  @TempDir Path folder;

  /** Entries 1 to 4 in flight, 5 and 6 queued. */
  private static List<CompletableFuture<ExecuteResult>> six(Writers writers) throws Exception {
    writers.raft.hold();
    List<CompletableFuture<ExecuteResult>> inserts = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      String sql = "INSERT INTO t VALUES (" + i + ", 'x')";
      inserts.add(i <= 4 ? writers.inFlight(sql) : writers.queued(sql));
    }
    return inserts;
  }

  @Test
  void lostLeadershipLeavesWhatIsProposedUnknownAndTheRestNotApplied() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      List<CompletableFuture<ExecuteResult>> all = six(writers);
      writers.raft.follow();
      for (CompletableFuture<?> proposed : all.subList(0, 4)) {
        assertThat(Writers.failure(proposed)).isInstanceOf(OutcomeUnknownException.class);
      }
      for (CompletableFuture<?> queued : all.subList(4, 6)) {
        assertThat(Writers.failure(queued)).isInstanceOf(NotAppliedException.class);
      }
      writers.assertWalIsCut();
      assertThat(writers.ids()).isEmpty();
      writers.raft.commit(2); // the next leader has two of them
      writers.raft.awaitApplied();
      assertThat(writers.ids()).containsExactly(1L, 2L);
      writers.raft.supersede();
      writers.raft.lead().release();
      writers.now("INSERT INTO t VALUES (7, 'x')");
      assertThat(writers.ids()).containsExactly(1L, 2L, 7L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void aRefusedProposalTakesWhatFollowsItAlongAndLeavesWhatWasBeforeIt() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> before = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      writers.raft.refuseOnce(Refusal.OVERLOADED);
      CompletableFuture<ExecuteResult> refused = writers.inFlight("INSERT INTO t VALUES (2, 'x')");
      CompletableFuture<ExecuteResult> behind = writers.inFlight("INSERT INTO t VALUES (3, 'x')");
      CompletableFuture<ExecuteResult> last = writers.inFlight("INSERT INTO t VALUES (4, 'x')");
      CompletableFuture<ExecuteResult> queued = writers.queued("INSERT INTO t VALUES (5, 'x')");
      writers.raft.tellRefusals();
      for (CompletableFuture<?> lost : List.of(refused, behind, last, queued)) {
        assertThat(Writers.failure(lost))
            .isInstanceOf(NotAppliedException.class)
            .hasMessageContaining("too much");
      }
      writers.assertWalIsCut();
      assertThat(before).isNotDone();

      // A new writer waits for all that the old one has proposed.
      assertThatThrownBy(() -> writers.hasty("INSERT INTO t VALUES (6, 'x')"))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("writer connection to open");
      CompletableFuture<ExecuteResult> next = writers.later("INSERT INTO t VALUES (7, 'x')");
      writers.raft.commit(1);
      Writers.get(before);
      assertThat(writers.ids()).containsExactly(1L);
      assertThatThrownBy(() -> writers.hasty("INSERT INTO t VALUES (8, 'x')"))
          .isInstanceOf(NotAppliedException.class);
      assertThat(writers.raft.undecided()).isEqualTo(2);
      writers.raft.release();
      Writers.get(next);
      assertThat(writers.ids()).containsExactly(1L, 7L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void whoWaitsForAWriterViewWhenLeadershipIsLostGetsNone() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> before = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      writers.raft.refuseOnce(Refusal.OVERLOADED);
      CompletableFuture<ExecuteResult> refused = writers.inFlight("INSERT INTO t VALUES (2, 'x')");
      writers.raft.tellRefusals();
      assertThat(Writers.failure(refused)).isInstanceOf(NotAppliedException.class);
      writers.assertWalIsCut();
      CompletableFuture<ExecuteResult> next = writers.later("INSERT INTO t VALUES (3, 'x')");
      Writers.awaitThat(() -> writers.database().waitingForWriter() == 1);
      writers.raft.follow();
      assertThat(Writers.failure(before)).isInstanceOf(OutcomeUnknownException.class);
      assertThat(Writers.failure(next)).isInstanceOf(NotLeaderException.class);
      assertThat(writers.database().writer()).isNull();
    }
  }

  @Test
  void aTransactionOfAnOldTermConfirmsNothingInANewOne() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      session.begin();
      session.query("SELECT count(*) FROM t");
      writers.raft.follow().lead(); // others may have led, and written, in between
      assertThatThrownBy(session::commit).isInstanceOf(NotAppliedException.class);
    }
  }

  @Test
  void refusalForLostLeadershipNamesTheLeader() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      writers.raft.refuseOnce(Refusal.NOT_LEADER);
      CompletableFuture<ExecuteResult> refused = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      writers.raft.tellRefusals();
      assertThat(Writers.failure(refused)).isInstanceOf(NotAppliedException.class);
      writers.assertWalIsCut();
    }
  }

  @Test
  void whatASnapshotHasSkippedIsUnknown() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      List<CompletableFuture<ExecuteResult>> all = six(writers);
      writers.raft.skipOutcomes();
      for (CompletableFuture<?> proposed : all.subList(0, 4)) {
        assertThat(Writers.failure(proposed))
            .isInstanceOf(OutcomeUnknownException.class)
            .hasMessageContaining("lagged behind");
      }
      for (CompletableFuture<?> queued : all.subList(4, 6)) {
        assertThat(Writers.failure(queued)).isInstanceOf(BalsaException.class);
      }
      writers.assertWalIsCut();
    }
  }

  @Test
  void aNodeThatStopsTellsEverybody() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      List<CompletableFuture<ExecuteResult>> all = six(writers);
      writers.raft.stop();
      for (CompletableFuture<?> proposed : all.subList(0, 4)) {
        assertThat(Writers.failure(proposed))
            .isInstanceOf(OutcomeUnknownException.class)
            .hasMessageContaining("the node was closed");
      }
      for (CompletableFuture<?> queued : all.subList(4, 6)) {
        assertThat(Writers.failure(queued)).isInstanceOf(NotAppliedException.class);
      }
    }
  }

  @Test
  void aRaftThatStopsTellsEverybody() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      List<CompletableFuture<ExecuteResult>> all = six(writers);
      writers.raft.crash();
      for (CompletableFuture<?> proposed : all.subList(0, 4)) {
        assertThat(Writers.failure(proposed)).isInstanceOf(OutcomeUnknownException.class);
      }
      for (CompletableFuture<?> queued : all.subList(4, 6)) {
        assertThat(Writers.failure(queued)).isInstanceOf(BalsaException.class);
      }
    }
  }

  @Test
  void aNodeThatFailsTellsEverybody() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      List<CompletableFuture<ExecuteResult>> all = six(writers);
      writers.raft.machine().failed(new IllegalStateException("injected"));
      for (CompletableFuture<?> proposed : all.subList(0, 4)) {
        assertThat(Writers.failure(proposed))
            .isInstanceOf(OutcomeUnknownException.class)
            .hasMessageContaining("injected");
      }
      for (CompletableFuture<?> queued : all.subList(4, 6)) {
        assertThat(Writers.failure(queued)).isInstanceOf(NotAppliedException.class);
      }
    }
  }

  @Test
  void aCommitInDoubtIsDiscardedAndWhatWasProposedBeforeItGoesOn() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      CompletableFuture<ExecuteResult> second = writers.inFlight("INSERT INTO t VALUES (2, 'x')");
      session.begin();
      session.execute("INSERT INTO t VALUES (3, 'x')");
      commitBehind(writers.view()); // so the session's own commit fails, and yet there is one
      assertThatThrownBy(session::commit)
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("in doubt");
      writers.assertWalIsCut();
      assertThat(List.of(first, second)).noneMatch(CompletableFuture::isDone);
      writers.raft.release();
      Writers.get(first);
      Writers.get(second);
      writers.now("INSERT INTO t VALUES (4, 'x')");
      assertThat(writers.ids()).containsExactly(1L, 2L, 4L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void framesThatAreNotTheCapturedOnesAreNotPublishedTheImagesAre() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      int published = writers.database().status().walFrames();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      CompletableFuture<ExecuteResult> second = writers.inFlight("INSERT INTO t VALUES (2, 'x')");
      flipBit(writers, WAL_HEADER_BYTES + published * (24 + 4096L) + 1000);
      writers.raft.release();
      Writers.get(first);
      Writers.get(second);
      writers.now("INSERT INTO t VALUES (3, 'x')");
      assertThat(writers.ids()).containsExactly(1L, 2L, 3L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void nothingIsAnsweredThatWouldBeShownInAWalWithAnotherHeader() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      flipBit(writers, 17); // a salt
      CompletableFuture<ExecuteResult> second = writers.inFlight("INSERT INTO t VALUES (2, 'x')");
      assertThat(writers.ids()).isEmpty();
      writers.raft.release();
      for (CompletableFuture<?> proposed : List.of(first, second)) {
        assertThat(Writers.failure(proposed)).isInstanceOf(OutcomeUnknownException.class);
      }
      assertThatThrownBy(() -> writers.now("INSERT INTO t VALUES (3, 'x')"))
          .hasMessageContaining("the node has stopped");
    }
  }

  @Test
  void aProposalThatCannotBeMadeIsUnknownAndWhatWasBeforeItGoesOn() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      writers.raft.throwOnce(new OutOfMemoryError("injected"));
      CompletableFuture<ExecuteResult> second = writers.later("INSERT INTO t VALUES (2, 'x')");
      assertThat(Writers.failure(second))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("injected");
      writers.assertWalIsCut();
      assertThat(first).isNotDone();
      writers.raft.release();
      Writers.get(first);
      writers.now("INSERT INTO t VALUES (3, 'x')");
      assertThat(writers.ids()).containsExactly(1L, 3L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void aLaterPartThatCannotBeProposedLeavesNobodyUntold() throws Exception {
    FsmConfig small = new FsmConfig(folder.resolve("small"), 4096, 20_000, "small");
    try (Writers writers =
        new Writers(folder, small, EngineDecisions.SOUND, PipelineLimits.DEFAULT)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> large =
          writers.inFlight(
              "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c"
                  + " WHERE x<100) SELECT x, randomblob(4000) FROM c");
      writers.raft.awaitUndecided(8);
      CompletableFuture<ExecuteResult> behind = writers.queued("DELETE FROM t");
      writers.raft.throwOnce(new OutOfMemoryError("injected"));
      writers.raft.commitAll(); // the callback proposes the ninth part
      assertThat(Writers.failure(large)).isInstanceOf(BalsaException.class);
      assertThat(Writers.failure(behind)).isInstanceOf(NotAppliedException.class);
      writers.raft.release();
      writers.now("INSERT INTO t VALUES (3, 'x')");
      assertThat(writers.ids()).containsExactly(3L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void anEntryThatCannotBeMadeIsNotAppliedAndWhatWasBeforeItGoesOn() throws Exception {
    AtomicBoolean fail = new AtomicBoolean();
    EngineDecisions failing =
        new EngineDecisions() {
          @Override
          EntryId predecessor(EntryId shippedBefore, EntryId applied) {
            if (fail.getAndSet(false)) {
              throw new OutOfMemoryError("injected");
            }
            return shippedBefore;
          }
        };
    try (Writers writers = new Writers(folder, failing, PipelineLimits.DEFAULT)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      fail.set(true);
      CompletableFuture<ExecuteResult> second = writers.later("INSERT INTO t VALUES (2, 'x')");
      assertThat(Writers.failure(second))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("injected");
      writers.assertWalIsCut();
      writers.raft.release();
      Writers.get(first);
      writers.now("INSERT INTO t VALUES (3, 'x')");
      assertThat(writers.ids()).containsExactly(1L, 3L);
      writers.assertReplicasAreIdentical();
    }
  }

  private static void commitBehind(WriterView view) {
    view.lock().lock();
    try {
      view.commit();
    } finally {
      view.lock().unlock();
    }
  }

  private static void flipBit(Writers writers, long position) throws IOException {
    Path wal = writers.raft.folder().resolve(Writers.DATABASE + "-wal");
    try (RandomAccessFile file = new RandomAccessFile(wal.toFile(), "rw")) {
      file.seek(position);
      int old = file.read();
      file.seek(position);
      file.write(old ^ 1);
    }
  }
}
