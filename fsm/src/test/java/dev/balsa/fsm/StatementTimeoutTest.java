package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class StatementTimeoutTest {
  private static final String NUMBERS =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) ";
  private static final String ENDLESS = NUMBERS + "SELECT count(*) FROM n";

  /** Each step takes long. */
  private static final String ENDLESS_AND_HEAVY =
      NUMBERS + "SELECT sum(length(hex(zeroblob(1000000)))) FROM n";

  private static final SessionOptions HASTY =
      SessionOptions.DEFAULT.withStatementTimeout(Duration.ofMillis(50));

  /** Where short statements of the same session must not time out, on a busy machine either. */
  private static final SessionOptions LESS_HASTY =
      SessionOptions.DEFAULT.withStatementTimeout(Duration.ofSeconds(2));

  @TempDir Path folder;

  private HandRaft leader() {
    return HandRaft.open(folder.resolve("leader")).lead();
  }

  private static void assertTimesOut(Runnable statement) {
    assertThatThrownBy(statement::run)
        .isInstanceOfSatisfying(
            StatementTimeoutException.class,
            e -> assertThat(e.timeout()).isEqualTo(HASTY.statementTimeout()))
        .hasMessageContaining("timed out")
        .hasMessageContaining("PT0.05S")
        .hasMessageContaining("SessionOptions.withStatementTimeout");
  }

  @ParameterizedTest
  @ValueSource(strings = {ENDLESS, ENDLESS_AND_HEAVY})
  void anEndlessReadTimesOutAndItsConnectionGoesOn(String endless) {
    try (HandRaft raft = leader();
        Session patient = raft.session("app.db");
        Session session = raft.session("app.db", HASTY);
        Session stale = raft.session("app.db", HASTY.withReadMode(ReadMode.STALE))) {
      patient.execute("CREATE TABLE t(v)");
      for (int i = 0; i < 3; i++) {
        assertTimesOut(() -> session.query(endless));
        assertTimesOut(() -> stale.query(endless));
        assertThat(patient.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      }
    }
  }

  @Test
  void anEndlessWriteTimesOutLeavesNothingAndTheWriterGoesOn() {
    try (HandRaft raft = leader();
        Session patient = raft.session("app.db");
        Session session = raft.session("app.db", HASTY)) {
      patient.execute("CREATE TABLE t(v)");
      for (int i = 0; i < 3; i++) {
        assertTimesOut(() -> session.execute("INSERT INTO t " + ENDLESS));
        assertTimesOut(() -> session.execute(NUMBERS + "INSERT INTO t SELECT i FROM n"));
        assertTimesOut(
            () -> session.execute(NUMBERS + "INSERT INTO t SELECT i FROM n RETURNING v"));
        patient.execute("INSERT INTO t VALUES (1)");
      }
      assertThat(patient.query("SELECT count(*) FROM t").single().getLong(0)).isEqualTo(3);
      assertThat(patient.query("PRAGMA integrity_check").single().getString(0)).isEqualTo("ok");
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void anEndlessReadInATransactionLeavesItOpen() {
    try (HandRaft raft = leader();
        Session patient = raft.session("app.db");
        Session session = raft.session("app.db", LESS_HASTY)) {
      patient.execute("CREATE TABLE t(v)");
      session.begin();
      session.execute("INSERT INTO t VALUES (1)");
      assertThatThrownBy(() -> session.query(ENDLESS))
          .isInstanceOf(StatementTimeoutException.class)
          .message()
          .doesNotContain("rolled");
      session.execute("INSERT INTO t VALUES (2)");
      session.commit();
      assertThat(patient.query("SELECT count(*) FROM t").single().getLong(0)).isEqualTo(2);
    }
  }

  @Test
  void anEndlessWriteInATransactionRollsItBackAndSaysSo() {
    try (HandRaft raft = leader();
        Session patient = raft.session("app.db");
        Session session = raft.session("app.db", LESS_HASTY)) {
      patient.execute("CREATE TABLE t(v)");
      session.begin();
      session.execute("INSERT INTO t VALUES (1)");
      assertThatThrownBy(() -> session.execute(NUMBERS + "INSERT INTO t SELECT i FROM n"))
          .isInstanceOf(StatementTimeoutException.class)
          .hasMessageContaining("rolled the whole transaction back");
      session.rollback();
      patient.execute("INSERT INTO t VALUES (3)");
      assertThat(patient.query("SELECT v FROM t").single().getLong(0)).isEqualTo(3);
    }
  }

  /** Views upon views: what takes for ever is to compile it. */
  @Test
  void aStatementThatTakesForEverToCompileIsStoppedToo() {
    try (HandRaft raft = leader();
        Session patient = raft.session("app.db");
        Session session = raft.session("app.db", HASTY)) {
      patient.execute("CREATE TABLE v0(v)");
      for (int i = 1; i <= 24; i++) {
        patient.execute(
            "CREATE VIEW v" + i + " AS SELECT a.v FROM v" + (i - 1) + " a, v" + (i - 1) + " b");
      }
      assertThatThrownBy(() -> session.query("SELECT * FROM v24"))
          .isInstanceOf(SqliteException.class);
      patient.execute("INSERT INTO v0 VALUES (1)");
    }
  }

  @Test
  void aTimeoutNeverHitsTheStatementThatFollowsOnTheSameConnection() throws Exception {
    SessionOptions hurried =
        SessionOptions.DEFAULT
            .withStatementTimeout(Duration.ofNanos(200_000))
            .withReadMode(ReadMode.STALE);
    try (HandRaft raft = leader();
        Session patient = raft.session("app.db");
        Session short1 = raft.session("app.db", hurried);
        Session short2 = raft.session("app.db", hurried)) {
      patient.execute("CREATE TABLE t(v)");
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> hurry(short1, done));
      CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> hurry(short2, done));
      try {
        for (int i = 0; i < 1_500; i++) {
          patient.execute("INSERT INTO t VALUES (?)", i);
          assertThat(patient.query("SELECT max(v) FROM t WHERE v >= 0").single().getLong(0))
              .isEqualTo(i);
        }
      } finally {
        done.set(true);
      }
      int timeouts = first.get(30, TimeUnit.SECONDS) + second.get(30, TimeUnit.SECONDS);
      assertThat(timeouts).isPositive();
      assertThat(raft.failure()).isNull();
    }
  }

  /** Statements that sometimes end in time: writes and reads, on the shared connections. */
  private static int hurry(Session session, AtomicBoolean done) {
    int timeouts = 0;
    for (int i = 0; !done.get(); i++) {
      String some = "(" + NUMBERS + "SELECT i FROM n LIMIT " + i % 40 * 50 + ")";
      try {
        if (i % 2 == 0) {
          session.execute("DELETE FROM t WHERE v < 0 AND v IN " + some);
        } else {
          session.query("SELECT count(*) FROM " + some);
        }
      } catch (StatementTimeoutException e) {
        timeouts++;
      }
    }
    return timeouts;
  }
}
