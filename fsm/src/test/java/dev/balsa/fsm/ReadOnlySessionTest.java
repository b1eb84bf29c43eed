package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ReadOnlySessionTest {
  private static final List<String> WRITES =
      List.of(
          "INSERT INTO t VALUES (2, 'y')",
          "INSERT INTO t VALUES (2, 'y') RETURNING id",
          "WITH n(v) AS (VALUES (2)) INSERT INTO t SELECT v, 'y' FROM n",
          "REPLACE INTO t VALUES (1, 'y')",
          "UPDATE t SET v = 'y'",
          "DELETE FROM t",
          "CREATE TABLE u(v)",
          "CREATE VIRTUAL TABLE u USING fts5(v)",
          "ALTER TABLE t ADD COLUMN w",
          "DROP TABLE t",
          "CREATE INDEX i ON t(v)",
          "VACUUM",
          "ANALYZE",
          "REINDEX",
          "PRAGMA user_version = 3",
          "PRAGMA main.auto_vacuum = 1",
          "BEGIN IMMEDIATE",
          "BEGIN EXCLUSIVE");

  @TempDir Path folder;

  private static long count(Session session) {
    return session.query("SELECT count(*) FROM t").single().getLong(0);
  }

  private static void assertReadOnly(Session session, String sql) {
    assertThatThrownBy(() -> session.execute(sql))
        .as(sql)
        .isInstanceOfSatisfying(
            SqliteException.class, e -> assertThat(e.resultCode()).isEqualTo(ResultCode.READONLY))
        .hasMessageContaining("this session only reads");
  }

  @Test
  void everyWriteIsRefusedWithoutWaitingForThoseWhoWrite() {
    SessionOptions hasty = SessionOptions.READ_ONLY.withTimeout(Duration.ofSeconds(20));
    try (Writers writers = Writers.open(folder);
        Session holder = writers.raft.session(Writers.DATABASE);
        Session session = writers.raft.session(Writers.DATABASE, hasty)) {
      writers.now("INSERT INTO t VALUES (1, 'x')");
      holder.begin(); // whoever asks for the slot now waits
      long began = System.nanoTime();
      for (String sql : WRITES) {
        assertReadOnly(session, sql);
        assertThat(session.inTransaction()).as(sql).isFalse();
      }
      session.begin();
      for (String sql : WRITES.subList(0, WRITES.size() - 2)) {
        assertReadOnly(session, sql);
      }
      assertThat(count(session)).as("the transaction goes on").isEqualTo(1);
      session.commit();
      assertThat(System.nanoTime() - began).isLessThan(hasty.timeout().toNanos());
    }
  }

  @Test
  void itsTransactionsReadOneStateWhileOthersWrite() {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE, SessionOptions.READ_ONLY)) {
      session.execute("BEGIN");
      assertThat(count(session)).isZero();
      writers.now("INSERT INTO t VALUES (1, 'x')");
      assertThat(count(session)).isZero();
      session.execute("COMMIT");
      assertThat(count(session)).isEqualTo(1);
      assertThat(
              session.<Long>transaction(
                  reading -> {
                    writers.now("INSERT INTO t VALUES (2, 'x')");
                    long first = count(reading);
                    writers.now("INSERT INTO t VALUES (3, 'x')");
                    return first + count(reading);
                  }))
          .isEqualTo(4);
    }
  }

  @Test
  void executeReadsWhatReads() {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE, SessionOptions.READ_ONLY)) {
      writers.now("INSERT INTO t VALUES (1, 'x')");
      assertThat(
              session
                  .execute("WITH n AS (SELECT id FROM t) SELECT id FROM n")
                  .rows()
                  .single()
                  .getLong(0))
          .isEqualTo(1);
      assertThat(session.execute("PRAGMA user_version").rows().single().getLong(0)).isZero();
      assertThatThrownBy(() -> session.execute("PRAGMA journal_mode = DELETE"))
          .hasMessageContaining("how the files are written");
    }
  }

  @Test
  void itReadsOnAnyNodeInStaleMode() throws Exception {
    try (Writers writers = Writers.open(folder);
        HandRaft follower = HandRaft.open(folder.resolve("follower")).follow()) {
      writers.now("INSERT INTO t VALUES (1, 'x')");
      writers.raft.committedEntries().forEach(follower::receive);
      follower.awaitApplied();
      SessionOptions options = SessionOptions.READ_ONLY.withReadMode(ReadMode.STALE);
      try (Session session = follower.session(Writers.DATABASE, options)) {
        assertThat(count(session)).isEqualTo(1);
        assertThat(session.<Long>transaction(ReadOnlySessionTest::count)).isEqualTo(1);
        WRITES.forEach(sql -> assertReadOnly(session, sql));
      }
      try (Session session = follower.session(Writers.DATABASE, SessionOptions.READ_ONLY)) {
        assertThatThrownBy(() -> count(session)).isInstanceOf(NotLeaderException.class);
      }
    }
  }

  @Test
  void itMakesNoDatabase() {
    try (HandRaft raft = HandRaft.open(folder.resolve("node")).lead();
        Session session = raft.session("new.db", SessionOptions.READ_ONLY)) {
      assertThatThrownBy(() -> session.query("SELECT 1"))
          .isInstanceOf(BalsaException.class)
          .hasMessageContaining("there is no database 'new.db'");
      assertThat(raft.commands()).isZero();
    }
  }

  @Test
  void othersBeginAtOnceAsThoseWhoMayWrite() {
    SessionOptions hasty = SessionOptions.DEFAULT.withTimeout(Duration.ofMillis(50));
    try (Writers writers = Writers.open(folder);
        Session holder = writers.raft.session(Writers.DATABASE);
        Session session = writers.raft.session(Writers.DATABASE, hasty)) {
      holder.execute("BEGIN");
      assertThatThrownBy(() -> session.execute("BEGIN"))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("waiting for the transactions that write");
    }
  }
}
