package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several statements in one text, and transaction control as text. */
@Timeout(180)
final class ScriptTest {
  @TempDir Path folder;

  private HandRaft leader() {
    return HandRaft.open(folder.resolve("leader")).lead();
  }

  private static List<Long> values(Session session) {
    return session.query("SELECT v FROM t ORDER BY v").stream().map(row -> row.getLong(0)).toList();
  }

  @Test
  void eachStatementRunsAsIfItWereGivenByItselfAndTheLastOnesResultIsAnswered() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      Rows rows =
          session
              .execute(
                  "CREATE TABLE t(v); -- a comment; with a semicolon\n"
                      + " CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;"
                      + " INSERT INTO t VALUES (1), (2);; SELECT count(*) FROM t; ")
              .rows();
      assertThat(rows.single().getLong(0)).isEqualTo(2);
      assertThat(session.execute("DELETE FROM t; ; -- nothing").changes()).isEqualTo(2);
    }
  }

  @Test
  void theFirstThatFailsEndsATextAndWhatWentBeforeStays() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v UNIQUE)");
      assertThatThrownBy(
              () ->
                  session.execute(
                      "INSERT INTO t VALUES (1); INSERT INTO t VALUES (1);"
                          + " INSERT INTO t VALUES (2)"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("UNIQUE");
      assertThat(values(session)).containsExactly(1L);
    }
  }

  @Test
  void aTextWithBeginAndCommitIsOneTransactionAndStaysOpenIfItFails() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v UNIQUE)");
      session.execute("BEGIN; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); COMMIT");
      assertThat(values(session)).containsExactly(1L, 2L);
      assertThatThrownBy(
              () ->
                  session.execute(
                      "BEGIN IMMEDIATE TRANSACTION; INSERT INTO t VALUES (3);"
                          + " INSERT INTO t VALUES (1); COMMIT"))
          .isInstanceOf(SqliteException.class);
      assertThat(session.inTransaction()).isTrue();
      session.execute("ROLLBACK -- to where it was");
      assertThat(session.inTransaction()).isFalse();
      assertThat(values(session)).containsExactly(1L, 2L);
    }
  }

  @Test
  void nothingOfATextIsPassedOver() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute("BEGIN; INSERT INTO t VALUES (1)");
      assertThat(session.inTransaction()).isTrue();
      session.execute("/* ; */ ; END TRANSACTION; INSERT INTO t VALUES (2)");
      assertThat(values(session)).containsExactly(1L, 2L);
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (?); SELECT 1", 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("several statements");
      assertThatThrownBy(() -> session.execute("BEGIN", 3))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> session.query("SELECT 1; DELETE FROM t"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining("more SQL follows");
      assertThatThrownBy(() -> session.execute("SELECT 1; PRAGMA locking_mode=normal"))
          .hasMessageContaining("cannot be changed");
      assertThatThrownBy(() -> session.execute("")).isInstanceOf(SqliteException.class);
      assertThat(values(session)).containsExactly(1L, 2L);
    }
  }

  @Test
  void savepointsWorkWithinATransaction() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute(
          "BEGIN; INSERT INTO t VALUES (1); SAVEPOINT a; INSERT INTO t VALUES (2);"
              + " ROLLBACK TRANSACTION TO SAVEPOINT a; INSERT INTO t VALUES (3); RELEASE a; END");
      assertThat(values(session)).containsExactly(1L, 3L);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BEGIN, BEGIN",
    "; begin /* x */ transaction;, BEGIN",
    "begin deferred, BEGIN_DEFERRED",
    "BEGIN Exclusive TRANSACTION, BEGIN_IMMEDIATE",
    "BEGIN IMMEDIATE, BEGIN_IMMEDIATE",
    "COMMIT, COMMIT",
    "end transaction, COMMIT",
    "ROLLBACK, ROLLBACK",
    "rollback transaction -- to, ROLLBACK",
    "ROLLBACK TO x, NONE",
    "ROLLBACK TRANSACTION TO SAVEPOINT x, NONE",
    "BEGIN TRANSACTION x, NONE",
    "BEGIN IMMEDIATE DEFERRED, NONE",
    "COMMITS, NONE",
    "EXPLAIN COMMIT, NONE",
    "'', NONE",
  })
  void transactionControlIsRecognizedExactly(String sql, TransactionControl control) {
    assertThat(TransactionControl.of(sql)).isEqualTo(control);
  }
}
