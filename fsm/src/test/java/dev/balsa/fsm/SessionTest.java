package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Effect.Refusal;
import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.SqliteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SessionTest {
  private static final SessionOptions HASTY =
      SessionOptions.DEFAULT.withTimeout(Duration.ofMillis(50));

  @TempDir Path folder;

  private HandRaft leader() {
    return HandRaft.open(folder.resolve("leader")).lead();
  }

  private static long count(Session session) {
    return session.query("SELECT count(*) FROM t").single().getLong(0);
  }

  @Test
  void aCommittedWriteIsReadBack() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)");
      ExecuteResult result = session.execute("INSERT INTO t(v) VALUES (?), (?)", "a", "b");
      assertThat(result.changes()).isEqualTo(2);
      assertThat(result.lastInsertRowid()).isEqualTo(2);
      assertThat(session.query("SELECT v FROM t ORDER BY id").stream().map(r -> r.getString("V")))
          .containsExactly("a", "b");
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void nothingIsPublishedNorAnsweredBeforeRaftHasCommittedIt() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        Session reader = raft.session("app.db", SessionOptions.STALE)) {
      session.execute("CREATE TABLE t(v)");
      raft.hold();
      CompletableFuture<ExecuteResult> insert =
          CompletableFuture.supplyAsync(() -> session.execute("INSERT INTO t VALUES (1)"));
      raft.awaitUndecided(1);
      assertThat(count(reader)).isZero();
      assertThat(insert).isNotDone();
      raft.release();
      insert.get(30, TimeUnit.SECONDS);
      assertThat(count(reader)).isEqualTo(1);
    }
  }

  @Test
  void aTimeoutMeansOutcomeUnknownAndTheTicketLivesOn() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        Session hasty = raft.session("app.db", HASTY);
        Session next = raft.session("app.db", HASTY)) {
      session.execute("CREATE TABLE t(v)");
      session.execute("INSERT INTO t VALUES (0)");
      raft.hold();
      assertThatThrownBy(() -> hasty.execute("INSERT INTO t VALUES (1)"))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("may still be committed");
      assertThatThrownBy(() -> next.execute("INSERT INTO t VALUES (2)"))
          .isInstanceOf(OutcomeUnknownException.class);
      raft.release();
      session.execute("INSERT INTO t VALUES (3)");
      assertThat(session.query("SELECT v FROM t ORDER BY v").stream().map(r -> r.getLong(0)))
          .containsExactly(0L, 1L, 2L, 3L);
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void lostLeadershipLeavesAProposedTransactionUnknownAndItIsAppliedIfTheNextLeaderHasIt()
      throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        Session reader = raft.session("app.db", SessionOptions.STALE)) {
      session.execute("CREATE TABLE t(v)");
      raft.hold();
      CompletableFuture<ExecuteResult> insert =
          CompletableFuture.supplyAsync(() -> session.execute("INSERT INTO t VALUES (1)"));
      raft.awaitUndecided(1);
      raft.follow();
      assertThatThrownBy(() -> insert.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("lost its leadership");
      assertThat(count(reader)).isZero();
      raft.release();
      raft.awaitApplied();
      assertThat(count(reader)).isEqualTo(1);
      raft.lead();
      session.execute("INSERT INTO t VALUES (2)");
      assertThat(count(session)).isEqualTo(2);
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void aSupersededTransactionLeavesNoTrace() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      raft.hold();
      CompletableFuture<ExecuteResult> insert =
          CompletableFuture.supplyAsync(() -> session.execute("INSERT INTO t VALUES (1)"));
      raft.awaitUndecided(1);
      raft.follow().supersede();
      assertThatThrownBy(() -> insert.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OutcomeUnknownException.class);
      raft.lead().release();
      assertThat(count(session)).isZero();
      session.execute("INSERT INTO t VALUES (2)");
      assertThat(session.query("SELECT v FROM t").single().getLong(0)).isEqualTo(2);
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void aRefusedProposalIsNotAppliedAndTheNextTransactionBuildsOnPagesWithoutIt() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      raft.refuse(Refusal.OVERLOADED);
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (1)"))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("too much is waiting");
      raft.refuse(null);
      session.execute("INSERT INTO t VALUES (2)");
      assertThat(session.query("SELECT v FROM t").single().getLong(0)).isEqualTo(2);
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void anOpenTransactionIsLostWithLeadershipAndItsSessionIsToldUntilItRollsBack() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.begin();
      session.execute("INSERT INTO t VALUES (1)");
      raft.follow();
      raft.lead();
      raft.awaitApplied();
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (2)"))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("lost its leadership");
      assertThatThrownBy(() -> session.query("SELECT 1")).isInstanceOf(NotAppliedException.class);
      session.rollback();
      session.execute("INSERT INTO t VALUES (3)");
      assertThat(session.query("SELECT v FROM t").single().getLong(0)).isEqualTo(3);
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void aStatementThatRunsForeverDoesNotHoldUpTheLossOfLeadership() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.begin();
      CompletableFuture<ExecuteResult> endless =
          CompletableFuture.supplyAsync(
              () ->
                  session.execute(
                      "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c)"
                          + " SELECT count(*) FROM c"));
      raft.follow();
      assertThatThrownBy(() -> endless.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      raft.lead();
      session.rollback();
      session.execute("INSERT INTO t VALUES (3)");
      assertThat(count(session)).isEqualTo(1);
    }
  }

  @Test
  void aNodeThatStopsLeavesItsTransactionUnknown() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      raft.hold();
      CompletableFuture<ExecuteResult> insert =
          CompletableFuture.supplyAsync(() -> session.execute("INSERT INTO t VALUES (1)"));
      raft.awaitUndecided(1);
      raft.crash();
      assertThatThrownBy(() -> insert.get(5, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("the node stopped");
    }
  }

  @Test
  void aLeaderDeposedUnawaresAnswersNothingThatTellsWhatItRead() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v UNIQUE)");
      session.execute("INSERT INTO t VALUES (1)");
      raft.deposeUnawares();
      assertThatThrownBy(() -> count(session)).isInstanceOf(NotLeaderException.class);
      assertThatThrownBy(() -> session.execute("DELETE FROM t WHERE v = 2"))
          .isInstanceOf(NotLeaderException.class);
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (1)"))
          .isInstanceOf(NotLeaderException.class);
    }
  }

  @Test
  void aFollowerRefusesToWriteAndNamesTheLeader() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        Session stale = raft.session("app.db", SessionOptions.STALE)) {
      session.execute("CREATE TABLE t(v)");
      raft.follow().receive(new Entry(1, 2, dev.balsa.raft.core.EntryType.NO_OP, new byte[0]));
      raft.awaitApplied();
      for (Runnable refused :
          new Runnable[] {
            () -> session.execute("INSERT INTO t VALUES (1)"),
            session::begin,
            () -> session.query("SELECT * FROM t")
          }) {
        assertThatThrownBy(refused::run)
            .isInstanceOfSatisfying(
                NotLeaderException.class,
                e -> {
                  assertThat(e.leaderId()).isEqualTo(2);
                  assertThat(e.leaderAddress()).isEqualTo("node-2:7000");
                });
      }
      assertThat(count(stale)).isZero();
    }
  }

  @Test
  void aTransactionSeesItsOwnWritesAndOthersSeeThemAfterCommit() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        Session other = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.begin();
      session.execute("INSERT INTO t VALUES (1)");
      session.execute("SAVEPOINT s");
      session.execute("INSERT INTO t VALUES (2)");
      session.execute("ROLLBACK TO s");
      assertThat(count(session)).isEqualTo(1);
      assertThat(count(other)).isZero();
      session.commit();
      assertThat(count(other)).isEqualTo(1);
      session.execute("BEGIN");
      session.execute("DELETE FROM t");
      session.execute("ROLLBACK");
      assertThat(count(other)).isEqualTo(1);
      long returned =
          session.execute("INSERT INTO t VALUES (7) RETURNING v").rows().single().getLong("v");
      assertThat(returned).isEqualTo(7);
      assertThat(session.<Long>transaction(SessionTest::count)).isEqualTo(2);
      assertThatThrownBy(
              () ->
                  session.transaction(
                      s -> {
                        s.execute("DELETE FROM t");
                        throw new IllegalStateException("no");
                      }))
          .hasMessage("no");
      assertThat(count(other)).isEqualTo(2);
    }
  }

  @Test
  void errorsOfSqlLeaveTheSessionUsable() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v UNIQUE)");
      session.execute("INSERT INTO t VALUES (1, 'a')");
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (2, 'a')"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("UNIQUE");
      session.begin();
      session.execute("INSERT INTO t VALUES (3, 'c')");
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (4, 'a')"))
          .isInstanceOf(SqliteException.class);
      session.execute("INSERT INTO t VALUES (5, 'e')");
      assertThatThrownBy(() -> session.execute("INSERT OR ROLLBACK INTO t VALUES (6, 'a')"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("rolled the whole transaction back");
      session.rollback();
      assertThat(count(session)).isEqualTo(1);
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (?, ?)", 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 parameters");
      assertThatThrownBy(() -> session.query("DELETE FROM t"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("execute()");
      assertThat(session.execute("UPDATE t SET v='b' WHERE id=9").changes()).isZero();
      session.execute("INSERT INTO t VALUES (9, 'i')");
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void aDeferredForeignKeyThatFailsAtCommitLeavesTheTransactionOpen() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db", SessionOptions.DEFAULT.withForeignKeys(true));
        Session lax = raft.session("app.db")) {
      session.execute("CREATE TABLE p(id INTEGER PRIMARY KEY)");
      session.execute("CREATE TABLE t(v REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)");
      session.begin();
      session.execute("INSERT INTO t VALUES (1)");
      assertThatThrownBy(session::commit)
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("FOREIGN KEY");
      assertThat(session.inTransaction()).isTrue();
      session.execute("INSERT INTO p VALUES (1)");
      session.commit();
      assertThat(count(lax)).isEqualTo(1);
      lax.execute("INSERT INTO t VALUES (2)");
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (3)"))
          .isInstanceOf(SqliteException.class);
      assertThat(count(lax)).isEqualTo(2);
    }
  }

  @Test
  void nondeterministicSqlIsTheSameOnEveryNode() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute(
          "CREATE TABLE t(id INTEGER PRIMARY KEY, r DEFAULT (random()), b BLOB, at DEFAULT"
              + " CURRENT_TIMESTAMP)");
      session.execute("CREATE TABLE audit(x)");
      session.execute(
          "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO audit VALUES (randomblob(20)); END");
      for (int i = 0; i < 20; i++) {
        session.execute("INSERT INTO t(b) VALUES (randomblob(abs(random()) % 3000))");
      }
      session.execute("INSERT INTO t(r, b) SELECT r, b FROM t ORDER BY random() LIMIT 7");
      session.execute("UPDATE t SET at = strftime('%J', 'now') WHERE random() % 2");
      session.execute("VACUUM");
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void aTransactionLargerThanAnEntryTravelsInParts() throws Exception {
    FsmConfig small = new FsmConfig(folder.resolve("small"), 4096, 20_000, "small");
    try (HandRaft raft = HandRaft.open(small).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      int before = raft.committedEntries().size();
      session.execute(
          "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<100)"
              + " SELECT randomblob(4000) FROM c");
      assertThat(raft.committedEntries().size() - before).isGreaterThan(20);
      assertThat(count(session)).isEqualTo(100);
      session.execute("DELETE FROM t WHERE rowid % 2");
      session.execute("VACUUM");
      session.execute("INSERT INTO t VALUES (1)");
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void aTransactionWhoseLastPartIsMissingIsNeverApplied() throws Exception {
    FsmConfig small = new FsmConfig(folder.resolve("small"), 4096, 20_000, "small");
    try (HandRaft raft = HandRaft.open(small).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      raft.hold();
      CompletableFuture<ExecuteResult> insert =
          CompletableFuture.supplyAsync(
              () ->
                  session.execute(
                      "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c"
                          + " WHERE x<100) SELECT randomblob(4000) FROM c"));
      raft.awaitUndecided(8);
      raft.follow();
      raft.release();
      assertThatThrownBy(() -> insert.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(BalsaException.class);
      raft.lead();
      assertThat(count(session)).isZero();
      session.execute("INSERT INTO t VALUES (1)");
      assertThat(count(session)).isEqualTo(1);
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void aRestartedNodeHasExactlyWhatIsCommitted() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        Session hasty = raft.session("app.db", HASTY)) {
      session.execute("CREATE TABLE t(v)");
      for (int i = 0; i < 50; i++) {
        session.execute("INSERT INTO t VALUES (randomblob(2000))");
      }
      session.execute("DELETE FROM t WHERE rowid > 30");
      session.execute("VACUUM");
      raft.hold();
      assertThatThrownBy(() -> hasty.execute("INSERT INTO t VALUES (1)"))
          .isInstanceOf(OutcomeUnknownException.class);
      raft.restart().lead().release();
      try (Session again = raft.session("app.db")) {
        assertThat(count(again)).isEqualTo(31);
        again.execute("INSERT INTO t VALUES (2)");
        assertThat(count(again)).isEqualTo(32);
      }
      assertReplicaIsIdentical(raft);
    }
  }

  @Test
  void anEntryMadeForAnotherStateIsSkipped() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute("INSERT INTO t VALUES (1)");
      Entry last = raft.committedEntries().get(raft.committedEntries().size() - 1);
      session.execute("INSERT INTO t VALUES (2)");
      raft.follow().receive(last);
      raft.awaitApplied();
      assertThat(raft.failure()).isNull();
      raft.lead();
      assertThat(count(session)).isEqualTo(2);
    }
  }

  @Test
  void aDatabaseWithAPageThatDiffersFromItsChecksumIsServedNoMore() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        HandRaft follower = HandRaft.open(folder.resolve("follower"))) {
      session.execute("CREATE TABLE t(v)");
      session.execute("INSERT INTO t VALUES (1)");
      Entry last = raft.committedEntries().get(raft.committedEntries().size() - 1);
      byte[] damaged = last.payload().clone();
      damaged[damaged.length - 1] ^= 1;
      raft.committedEntries()
          .subList(0, raft.committedEntries().size() - 1)
          .forEach(follower::receive);
      follower.receive(new Entry(last.index(), last.term(), last.type(), damaged));
      follower.awaitApplied();
      assertThat(follower.failure()).isNull();
      assertThat(follower.machine().databases().get(0).phase())
          .isEqualTo(DatabaseStatus.Phase.DAMAGED);
      assertThatThrownBy(() -> follower.session("app.db", SessionOptions.STALE).query("SELECT 1"))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("leads to checksum");
    }
  }

  @Test
  void databasesWithoutTheirLogAreNotThrownAway() throws Exception {
    Path databases = folder.resolve("orphans");
    Files.createDirectories(databases);
    Files.writeString(databases.resolve("app.db"), "precious");
    assertThatThrownBy(() -> HandRaft.open(databases))
        .isInstanceOf(BalsaException.class)
        .hasMessageContaining("the log beside it is empty");
    assertThat(databases.resolve("app.db")).hasContent("precious");
  }

  @Test
  void severalDatabasesAreApart() throws Exception {
    try (HandRaft raft = leader();
        Session a = raft.session("a.db");
        Session b = raft.session("b.db")) {
      a.execute("CREATE TABLE t(v)");
      b.execute("CREATE TABLE t(v)");
      a.begin();
      a.execute("INSERT INTO t VALUES (1)");
      b.execute("INSERT INTO t VALUES (2)");
      assertThat(count(b)).isEqualTo(1);
      a.commit();
      assertThat(raft.machine().databases().stream().map(DatabaseStatus::name))
          .containsExactly("a.db", "b.db");
      assertReplicaIsIdentical(raft);
    }
  }

  /** A follower that gets the same entries ends with the same pages; so does a recovery. */
  private void assertReplicaIsIdentical(HandRaft raft) throws Exception {
    raft.release();
    raft.awaitApplied();
    assertThat(raft.failure()).isNull();
    Path copies = Files.createTempDirectory(folder, "replica");
    try (HandRaft follower = HandRaft.open(copies)) {
      raft.committedEntries().forEach(follower::receive);
      follower.awaitApplied();
      assertThat(follower.machine().databases().stream().map(DatabaseStatus::checksum).toList())
          .isEqualTo(raft.machine().databases().stream().map(DatabaseStatus::checksum).toList());
      follower.stop();
      raft.restart();
      raft.stop();
      for (DatabaseStatus database : follower.machine().databases()) {
        assertThat(DatabaseImage.of(copies.resolve(database.name()), folder))
            .isEqualTo(DatabaseImage.of(raft.folder().resolve(database.name()), folder));
      }
    }
  }
}
