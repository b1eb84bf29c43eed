package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class CommitPipelineTest {
  @TempDir Path folder;

  @Test
  void theNextTransactionRunsWhileEarlierOnesAreReplicated() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      List<CompletableFuture<ExecuteResult>> inserts = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        inserts.add(writers.inFlight("INSERT INTO t VALUES (" + i + ", 'x')"));
      }
      inserts.add(writers.queued("INSERT INTO t VALUES (5, 'x')"));
      inserts.add(writers.queued("INSERT INTO t VALUES (6, 'x')"));
      assertThat(inserts).noneMatch(CompletableFuture::isDone);
      assertThat(writers.ids()).isEmpty();

      writers.raft.commit(2);
      Writers.get(inserts.get(0));
      Writers.get(inserts.get(1));
      Writers.awaitThat(() -> writers.pipeline().ticketsQueued() == 0); // 5 and 6 go together
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(3);
      assertThat(writers.ids()).containsExactly(1L, 2L);
      assertThat(inserts.subList(2, 6)).noneMatch(CompletableFuture::isDone);

      writers.raft.release();
      for (CompletableFuture<ExecuteResult> insert : inserts) {
        Writers.get(insert);
      }
      assertThat(writers.ids()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
      assertThat(writers.pipeline().bytes()).isZero();
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void anEntryOfFewTransactionsDoesNotSetOutBehindOneOfMany() throws Exception {
    try (Writers writers = Writers.open(folder, 2)) {
      writers.raft.hold();
      List<CompletableFuture<ExecuteResult>> inserts = new ArrayList<>();
      inserts.add(writers.inFlight("INSERT INTO t VALUES (1, 'x')"));
      inserts.add(writers.inFlight("INSERT INTO t VALUES (2, 'x')"));
      for (int i = 3; i <= 8; i++) {
        inserts.add(writers.queued("INSERT INTO t VALUES (" + i + ", 'x')"));
      }
      writers.raft.commit(1);
      Writers.awaitThat(() -> writers.pipeline().ticketsQueued() == 0); // 3 to 8 go together
      writers.raft.commit(1);
      Writers.awaitThat(() -> writers.pipeline().entriesInFlight() == 1);

      for (int i = 9; i <= 13; i++) {
        inserts.add(writers.queued("INSERT INTO t VALUES (" + i + ", 'x')"));
      }
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(1);
      inserts.add(writers.inFlight("INSERT INTO t VALUES (14, 'x')")); // as many as 3 to 8
      assertThat(writers.pipeline().ticketsQueued()).isZero();
      inserts.add(writers.queued("INSERT INTO t VALUES (15, 'x')"));

      writers.raft.commit(1);
      Writers.get(inserts.get(7));
      inserts.add(writers.queued("INSERT INTO t VALUES (16, 'x')"));
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(1);
      writers.raft.commit(1);
      Writers.get(inserts.get(13));
      Writers.awaitThat(() -> writers.pipeline().ticketsQueued() == 0); // 15 and 16 go together
      inserts.add(writers.queued("INSERT INTO t VALUES (17, 'x')"));
      writers.raft.release();
      for (CompletableFuture<ExecuteResult> insert : inserts) {
        Writers.get(insert);
      }
      assertThat(writers.ids()).hasSize(17);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void nothingSetsOutBehindAnotherEntryWhileSomebodyIsAboutToAddToIt() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      List<Session> sessions = new ArrayList<>();
      List<CompletableFuture<?>> steps = inARow(3, writers, sessions, "x");

      steps.add(committed(sessions.get(0)));
      Writers.get(steps.get(0)); // the second one has begun, the third one waits
      Writers.awaitThat(() -> writers.pipeline().ticketsQueued() == 1);
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(1);

      sessions.get(1).execute("INSERT INTO t VALUES (2, 'x')");
      steps.add(committed(sessions.get(1)));
      Writers.awaitThat(() -> writers.pipeline().entriesInFlight() == 2); // nobody waits
      assertThat(writers.pipeline().ticketsQueued()).isZero();

      finish(writers, sessions, steps, 3);
    }
  }

  @Test
  void whatFillsAnEntrySetsOutAtOnce() throws Exception {
    FsmConfig small = new FsmConfig(folder.resolve("small"), 4096, 20_000, "small");
    try (Writers writers =
        new Writers(folder, small, EngineDecisions.SOUND, new PipelineLimits(4, 64 << 20))) {
      List<Session> sessions = new ArrayList<>();
      List<CompletableFuture<?>> steps = inARow(4, writers, sessions, "x".repeat(90_000));

      steps.add(committed(sessions.get(0)));
      Writers.awaitThat(() -> writers.pipeline().entriesInFlight() == 2);
      assertThat(writers.pipeline().ticketsQueued()).isZero();

      Writers.get(steps.get(0));
      sessions.get(1).execute("INSERT INTO t VALUES (2, 'x')");
      steps.add(committed(sessions.get(1))); // one waits still
      Writers.awaitThat(() -> writers.pipeline().ticketsQueued() == 1);
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(2);

      finish(writers, sessions, steps, 3);
    }
  }

  /**
   * An entry is in flight, one transaction is open, and more sessions wait to begin theirs.
   *
   * @param sessions gets them, and that of the open one first
   * @param value what the open one has inserted
   * @return those that wait, and then the entry in flight
   */
  private static List<CompletableFuture<?>> inARow(
      int count, Writers writers, List<Session> sessions, String value) {
    writers.raft.hold();
    List<CompletableFuture<?>> steps = new ArrayList<>();
    CompletableFuture<?> first = writers.inFlight("INSERT INTO t VALUES (0, 'x')");
    for (int i = 0; i < count; i++) {
      sessions.add(writers.raft.session(Writers.DATABASE));
    }
    sessions.get(0).begin();
    sessions.get(0).execute("INSERT INTO t VALUES (1, ?)", value);
    for (int i = 1; i < count; i++) {
      int waiting = i;
      steps.add(CompletableFuture.runAsync(sessions.get(i)::begin));
      Writers.awaitThat(() -> writers.database().slot().waiting() == waiting);
    }
    steps.add(first);
    return steps;
  }

  private static CompletableFuture<?> committed(Session session) {
    return CompletableFuture.runAsync(session::commit);
  }

  private static void finish(
      Writers writers, List<Session> sessions, List<CompletableFuture<?>> steps, int rows)
      throws Exception {
    writers.raft.release();
    sessions.forEach(Session::close);
    for (CompletableFuture<?> step : steps) {
      Writers.get(step);
    }
    assertThat(writers.ids()).hasSize(rows);
    writers.assertReplicasAreIdentical();
  }

  @Test
  void aHundredCommitsToOneLeafPageShipOnePage() throws Exception {
    try (Writers writers = Writers.open(folder, 1)) {
      writers.raft.hold();
      List<CompletableFuture<ExecuteResult>> inserts = new ArrayList<>();
      inserts.add(writers.inFlight("INSERT INTO t VALUES (0, 'x')"));
      for (int i = 1; i <= 100; i++) {
        inserts.add(writers.queued("INSERT INTO t VALUES (" + i + ", 'x')"));
      }
      long before = writers.raft.commands();
      writers.raft.release();
      for (CompletableFuture<ExecuteResult> insert : inserts) {
        Writers.get(insert);
      }
      assertThat(writers.raft.commands() - before).isEqualTo(2);
      var entries = writers.raft.committedEntries();
      Command.Commit last =
          (Command.Commit) EntryCodec.decode(entries.get(entries.size() - 1).payload());
      assertThat(last.transaction().pages()).hasSizeLessThanOrEqualTo(2);
      assertThat(writers.ids()).hasSize(101);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void sixtyFourWritersShareFarFewerEntries() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      long before = writers.raft.commands();
      List<CompletableFuture<Integer>> all = new ArrayList<>();
      int each = 10;
      for (int w = 0; w < 64; w++) {
        int first = w * each;
        all.add(
            writers.later(
                session -> {
                  for (int i = 0; i < each; i++) {
                    session.execute("INSERT INTO t VALUES (?, 'x')", first + i);
                  }
                  return each;
                }));
      }
      while (!all.stream().allMatch(CompletableFuture::isDone)) {
        // A round of Raft takes as long as it takes all writers to have committed something.
        Writers.awaitThat(
            () ->
                all.stream().allMatch(CompletableFuture::isDone)
                    || (writers.database().writer() != null
                        && writers.pipeline().entriesInFlight() == 4
                        && writers.pipeline().ticketsQueued() > 30)
                    || (writers.database().slot().waiting() == 0
                        && writers.pipeline().entriesInFlight() > 0));
        writers.raft.commitAll();
      }
      for (CompletableFuture<Integer> one : all) {
        Writers.get(one);
      }
      assertThat(writers.ids()).hasSize(640);
      assertThat(writers.raft.commands() - before).isLessThan(640 / 3);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void mergedTransactionsThatGrowAndShrinkTheDatabaseShipWhatIsThereInTheEnd() throws Exception {
    try (Writers writers = Writers.open(folder, 1)) {
      writers.now("INSERT INTO t VALUES (1, randomblob(30000))");
      writers.raft.hold();
      List<CompletableFuture<ExecuteResult>> all = new ArrayList<>();
      all.add(writers.inFlight("UPDATE t SET v = randomblob(40000)"));
      for (String sql :
          List.of(
              "INSERT INTO t SELECT 2, randomblob(100000)",
              "DELETE FROM t WHERE id = 2",
              "VACUUM",
              "INSERT INTO t VALUES (3, randomblob(20000))",
              "DELETE FROM t WHERE id = 1",
              "VACUUM")) {
        all.add(writers.queued(sql));
      }
      writers.raft.release();
      for (CompletableFuture<ExecuteResult> one : all) {
        Writers.get(one);
      }
      assertThat(writers.ids()).containsExactly(3L);
      writers.now("INSERT INTO t VALUES (4, randomblob(50000))");
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void anEndWithoutPagesIsToldWithWhatItHasRead() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> insert = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      CompletableFuture<ExecuteResult> ignored =
          writers.later("INSERT OR IGNORE INTO t VALUES (1, 'y')");
      CompletableFuture<ExecuteResult> refused = writers.later("INSERT INTO t VALUES (1, 'z')");
      CompletableFuture<Long> rolledBack =
          writers.later(
              session -> {
                session.begin();
                long seen = session.query("SELECT count(*) FROM t").single().getLong(0);
                session.rollback();
                return seen;
              });
      CompletableFuture<Long> readOnly =
          writers.later(
              session -> {
                session.begin();
                long seen = session.query("SELECT count(*) FROM t").single().getLong(0);
                session.commit();
                return seen;
              });
      writers.expectUnknown("DELETE FROM t WHERE id = 9");
      Writers.awaitThat(() -> writers.database().slot().waiting() == 0);
      assertThat(List.of(insert, ignored, refused, rolledBack, readOnly))
          .noneMatch(CompletableFuture::isDone);
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(1);
      writers.raft.release();
      assertThat(Writers.get(ignored).changes()).isZero();
      assertThat(Writers.failure(refused)).isInstanceOf(SqliteException.class);
      assertThat(Writers.get(rolledBack)).isEqualTo(1);
      assertThat(Writers.get(readOnly)).isEqualTo(1);
      assertThat(Writers.get(insert).changes()).isEqualTo(1);
    }
  }

  @Test
  void anEndWithoutPagesFailsWithWhatItHasRead() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> insert = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      CompletableFuture<ExecuteResult> ignored =
          writers.later("INSERT OR IGNORE INTO t VALUES (1, 'y')");
      CompletableFuture<ExecuteResult> refused = writers.later("INSERT INTO t VALUES (1, 'z')");
      CompletableFuture<Boolean> rolledBack =
          writers.later(
              session -> {
                session.begin();
                session.query("SELECT count(*) FROM t");
                session.rollback();
                return true;
              });
      writers.expectUnknown("DELETE FROM t WHERE id = 9");
      Writers.awaitThat(() -> writers.database().slot().waiting() == 0);
      writers.raft.follow();
      for (CompletableFuture<?> each : List.of(insert, ignored, refused, rolledBack)) {
        assertThat(Writers.failure(each)).isInstanceOf(BalsaException.class);
      }
      writers.assertWalIsCut();
    }
  }

  @Test
  void whatATransactionHasReadBeforeItsRollbackDoesNotOutliveTheView() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE);
        Session untouched = writers.raft.session(Writers.DATABASE)) {
      session.begin();
      session.query("SELECT count(*) FROM t");
      writers.raft.follow();
      writers.raft.lead();
      writers.raft.awaitApplied();
      assertThatThrownBy(session::rollback).isInstanceOf(NotAppliedException.class);
      assertThat(session.inTransaction()).isFalse();
      untouched.begin();
      untouched.rollback();
    }
  }

  @Test
  void severalStatementsSavepointsAndReturningAreHeldUntilTheyAreDecided() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'a')");
      CompletableFuture<Long> returning =
          writers.later(
              s ->
                  s.execute("INSERT INTO t SELECT max(id) + 1, 'b' FROM t RETURNING id")
                      .rows()
                      .single()
                      .getLong(0));
      Writers.awaitThat(() -> writers.pipeline().entriesInFlight() == 2);
      CompletableFuture<Long> several =
          writers.later(
              s -> {
                s.begin();
                s.execute("INSERT INTO t VALUES (3, 'c')");
                s.execute("SAVEPOINT p");
                s.execute("INSERT INTO t VALUES (99, 'd')");
                s.execute("ROLLBACK TO p");
                s.execute("UPDATE t SET v = 'e' WHERE id = 2");
                long seen = s.query("SELECT count(*) FROM t").single().getLong(0);
                s.commit();
                return seen;
              });
      Writers.awaitThat(() -> writers.pipeline().entriesInFlight() == 3);
      assertThat(List.of(first, returning, several)).noneMatch(CompletableFuture::isDone);
      assertThat(writers.ids()).isEmpty();
      writers.raft.release();
      assertThat(Writers.get(returning)).isEqualTo(2);
      assertThat(Writers.get(several)).isEqualTo(3);
      assertThat(writers.ids()).containsExactly(1L, 2L, 3L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void aDeferredConstraintThatFailsAtCommitHoldsTheSlotButNotTheOthersForGood() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session strict =
            writers.raft.session(Writers.DATABASE, SessionOptions.DEFAULT.withForeignKeys(true))) {
      writers.now("CREATE TABLE c(p REFERENCES t(id) DEFERRABLE INITIALLY DEFERRED)");
      strict.begin();
      strict.execute("INSERT INTO c VALUES (7)");
      CompletableFuture<ExecuteResult> behind = writers.later("INSERT INTO t VALUES (1, 'x')");
      Writers.awaitThat(() -> writers.database().slot().waiting() == 1);
      assertThatThrownBy(strict::commit).isInstanceOf(SqliteException.class);
      assertThat(behind).isNotDone();
      strict.execute("INSERT INTO t VALUES (7, 'y')");
      strict.commit();
      Writers.get(behind);
      assertThat(writers.ids()).containsExactly(1L, 7L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void aTransactionThatSqliteHasRolledBackRunsNothingMore() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      writers.now("INSERT INTO t VALUES (1, 'x')");
      session.begin();
      session.execute("INSERT INTO t VALUES (2, 'x')");
      assertThatThrownBy(() -> session.execute("INSERT OR ROLLBACK INTO t VALUES (1, 'x')"))
          .isInstanceOf(SqliteException.class);
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (3, 'x')"))
          .isInstanceOf(NotAppliedException.class);
      assertThatThrownBy(session::commit).isInstanceOf(NotAppliedException.class);
      assertThat(writers.ids()).containsExactly(1L);
    }
  }

  @Test
  void aCallerWhoGivesUpLeavesTheOrderOfTheOthersAndItsTicketLives() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session holder = writers.raft.session(Writers.DATABASE)) {
      holder.begin();
      CompletableFuture<ExecuteResult> first =
          writers.later("INSERT INTO t SELECT 1, count(*) FROM t");
      Writers.awaitThat(() -> writers.database().slot().waiting() == 1);
      assertThatThrownBy(() -> writers.hasty("INSERT INTO t SELECT 2, count(*) FROM t"))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("waiting for the transactions");
      CompletableFuture<ExecuteResult> third =
          writers.later("INSERT INTO t SELECT 3, count(*) FROM t");
      Writers.awaitThat(() -> writers.database().slot().waiting() == 2);
      writers.raft.hold();
      holder.rollback();
      Writers.awaitThat(() -> writers.pipeline().bytes() >= 2 * 4096);
      writers.expectUnknown("INSERT INTO t SELECT 4, count(*) FROM t");
      writers.raft.release();
      Writers.get(first);
      Writers.get(third);
      Writers.awaitThat(() -> writers.ids().size() == 3);
      try (Session session = writers.raft.session(Writers.DATABASE)) {
        assertThat(session.query("SELECT id FROM t ORDER BY v").stream().map(r -> r.getLong(0)))
            .containsExactly(1L, 3L, 4L);
      }
    }
  }

  @Test
  void aCallerWhoIsInterruptedWhileHisStatementWaitsTakesItBack() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session holder = writers.raft.session(Writers.DATABASE)) {
      holder.begin();
      CompletableFuture<Throwable> told = new CompletableFuture<>();
      Thread caller =
          new Thread(
              () -> {
                try (Session session = writers.raft.session(Writers.DATABASE)) {
                  session.execute("INSERT INTO t VALUES (1, 'x')");
                  told.complete(new AssertionError("it was run"));
                } catch (BalsaException e) {
                  told.complete(e);
                }
              });
      caller.start();
      Writers.awaitThat(() -> writers.database().slot().waiting() == 1);
      caller.interrupt();
      assertThat(Writers.get(told))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("interrupted before anything was written");
      caller.join();
      holder.commit();
      writers.now("INSERT INTO t VALUES (2, 'x')");
      assertThat(writers.ids()).containsExactly(2L);
    }
  }

  @Test
  void anErrorOfAStatementThatWaitedTellsItsCallersPlace() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session holder = writers.raft.session(Writers.DATABASE)) {
      writers.now("INSERT INTO t VALUES (1, 'x')");
      holder.begin();
      CompletableFuture<ExecuteResult> refused = writers.later("INSERT INTO t VALUES (1, 'y')");
      Writers.awaitThat(() -> writers.database().slot().waiting() == 1);
      holder.rollback();
      assertThat(Writers.failure(refused))
          .isInstanceOf(SqliteException.class)
          .hasStackTraceContaining(Session.class.getName() + ".execute");
    }
  }

  @Test
  void tooManyBytesInThePipelineHoldUpWritersUntilThereIsRoom() throws Exception {
    PipelineLimits tiny = new PipelineLimits(4, 4096);
    try (Writers writers = new Writers(folder, EngineDecisions.SOUND, tiny)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      assertThatThrownBy(() -> writers.hasty("INSERT INTO t VALUES (2, 'x')"))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("bytes of transactions to be replicated");
      CompletableFuture<ExecuteResult> third = writers.later("INSERT INTO t VALUES (3, 'x')");
      CompletableFuture<ExecuteResult> fourth =
          writers.later(
              session -> {
                session.begin();
                session.execute("INSERT INTO t VALUES (4, 'x')");
                session.commit();
                return new ExecuteResult(0, 0, Rows.NONE);
              });
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(1);
      writers.raft.release();
      Writers.get(first);
      Writers.get(third);
      Writers.get(fourth);
      assertThat(writers.ids()).containsExactly(1L, 3L, 4L);
    }
  }

  @Test
  void whoWaitsForRoomIsToldWhenTheViewEnds() throws Exception {
    PipelineLimits tiny = new PipelineLimits(4, 4096);
    try (Writers writers = new Writers(folder, EngineDecisions.SOUND, tiny);
        Session patient =
            writers.raft.session(
                Writers.DATABASE, SessionOptions.DEFAULT.withTimeout(Duration.ofMinutes(5)))) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      CompletableFuture<ExecuteResult> waiting =
          writers.later(s -> patient.execute("INSERT INTO t VALUES (2, 'x')"));
      writers.raft.follow();
      assertThat(Writers.failure(first)).isInstanceOf(OutcomeUnknownException.class);
      assertThat(Writers.failure(waiting)).isInstanceOf(NotAppliedException.class);
    }
  }

  @Test
  void aLargeTransactionsPartsAreNotMixedWithTheNextEntry() throws Exception {
    FsmConfig small = new FsmConfig(folder.resolve("small"), 4096, 20_000, "small");
    try (Writers writers =
        new Writers(folder, small, EngineDecisions.SOUND, PipelineLimits.DEFAULT)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> large =
          writers.inFlight(
              "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c"
                  + " WHERE x<100) SELECT x, randomblob(4000) FROM c");
      writers.raft.awaitUndecided(8);
      CompletableFuture<ExecuteResult> next = writers.queued("INSERT INTO t VALUES (1000, 'x')");
      assertThat(writers.pipeline().entriesInFlight()).isEqualTo(1);
      writers.raft.release();
      Writers.get(large);
      Writers.get(next);
      assertThat(writers.ids()).hasSize(101);
      writers.assertReplicasAreIdentical();
    }
  }
}
