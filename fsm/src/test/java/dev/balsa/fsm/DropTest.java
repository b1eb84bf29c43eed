package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of a database, and new lives of its name. */
@Timeout(180)
final class DropTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void aDroppedDatabaseIsGoneAndItsNameIsFree() throws Exception {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute("INSERT INTO t VALUES (1)");
      raft.machine().drop("app.db", PATIENCE);
      assertThat(raft.machine().databases()).isEmpty();
      assertThat(folder.resolve("db").resolve("app.db")).doesNotExist();
      assertThat(folder.resolve("db").resolve("app.db-wal")).doesNotExist();
      session.execute("CREATE TABLE other(v)");
      assertThat(session.query("SELECT name FROM sqlite_schema").single().getString(0))
          .isEqualTo("other");
      raft.restart().lead();
      try (Session again = raft.session("app.db")) {
        assertThat(again.query("SELECT name FROM sqlite_schema").single().getString(0))
            .isEqualTo("other");
      }
    }
  }

  @Test
  void droppingWhatIsNotThereSaysSo() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead()) {
      assertThatThrownBy(() -> raft.machine().drop("nothing.db", PATIENCE))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("there is no database 'nothing.db'");
    }
  }

  @Test
  void onlyTheLeaderDrops() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      raft.follow();
      assertThatThrownBy(() -> raft.machine().drop("app.db", PATIENCE))
          .isInstanceOf(NotLeaderException.class);
    }
  }

  @Test
  void whatIsInFlightWhenItsDatabaseIsDroppedIsNotApplied() throws Exception {
    try (Writers writers = Writers.open(folder)) {
      writers.raft.hold();
      CompletableFuture<Void> drop =
          CompletableFuture.runAsync(() -> writers.raft.machine().drop(Writers.DATABASE, PATIENCE));
      writers.raft.awaitUndecided(1);
      CompletableFuture<ExecuteResult> insert = writers.inFlight("INSERT INTO t VALUES (1, 1)");
      writers.raft.commitAll();
      Writers.get(drop);
      assertThat(Writers.failure(insert)).isInstanceOf(NotAppliedException.class);
      assertThat(writers.raft.machine().databases()).isEmpty();
      writers.raft.release();
    }
  }

  @Test
  void entriesOfAnEarlierLifeDoNotReachALaterOne() throws Exception {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute("INSERT INTO t VALUES (1)");
      List<Entry> first = raft.committedEntries();
      Entry old = first.get(first.size() - 1);
      raft.machine().drop("app.db", PATIENCE);
      session.execute("CREATE TABLE t(v)");
      raft.follow().receive(old);
      raft.awaitApplied();
      raft.lead();
      assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      raft.restart().lead(); // nor when the log is redone
      try (Session again = raft.session("app.db")) {
        assertThat(again.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      }
      assertThat(raft.failure()).isNull();
    }
  }

  @Test
  void readersOfADroppedDatabaseAreTold() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db");
        Session reader = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      reader.beginDeferred();
      reader.query("SELECT * FROM t");
      raft.machine().drop("app.db", PATIENCE);
      assertThatThrownBy(() -> reader.query("SELECT * FROM t"))
          .isInstanceOf(NotAppliedException.class)
          .hasMessageContaining("dropped");
    }
  }
}
