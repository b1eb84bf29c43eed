package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class DeferredTransactionTest {
  @TempDir Path folder;

  private static long count(Session session) {
    return session.query("SELECT count(*) FROM t").single().getLong(0);
  }

  private static void assertBusySnapshot(Session session) {
    assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (99, 'x')"))
        .isInstanceOfSatisfying(
            SqliteException.class,
            e -> assertThat(e.extendedCode()).isEqualTo(DeferredTransaction.BUSY_SNAPSHOT));
  }

  @Test
  void itReadsOneStateAndWaitsForNobody() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session reader = writers.raft.session(Writers.DATABASE);
        Session holder = writers.raft.session(Writers.DATABASE)) {
      reader.beginDeferred();
      assertThat(count(reader)).isZero();
      writers.now("INSERT INTO t VALUES (1, 'x')");
      holder.begin();
      assertThat(count(reader)).isZero();
      assertThat(reader.inTransaction()).isTrue();
      reader.commit();
      assertThat(count(reader)).isEqualTo(1);
    }
  }

  @Test
  void itGoesOnToWriteIfNobodyHasWrittenSince() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      writers.now("INSERT INTO t VALUES (1, 'x')");
      session.execute("BEGIN DEFERRED");
      assertThat(count(session)).isEqualTo(1);
      session.execute("INSERT INTO t SELECT max(id) + 1, 'y' FROM t");
      assertThat(count(session)).isEqualTo(2);
      session.execute("COMMIT");
      assertThat(writers.ids()).containsExactly(1L, 2L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void oneThatBeginsWithAWriteNeedsNoSnapshot() {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      session.beginDeferred();
      writers.now("INSERT INTO t VALUES (1, 'x')");
      session.execute("INSERT INTO t VALUES (2, 'x')");
      session.commit();
      assertThat(writers.ids()).containsExactly(1L, 2L);
    }
  }

  @Test
  void itIsRefusedIfSomebodyHasWrittenSince() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      session.beginDeferred();
      count(session);
      writers.now("INSERT INTO t VALUES (1, 'x')");
      assertBusySnapshot(session);
      assertThat(count(session)).isZero(); // it goes on reading
      session.rollback();
      session.beginDeferred();
      count(session);
      session.execute("INSERT INTO t VALUES (2, 'x')");
      session.commit();
      assertThat(writers.ids()).containsExactly(1L, 2L);
      writers.assertReplicasAreIdentical();
    }
  }

  @Test
  void itIsRefusedIfTheWriterIsAheadOfWhatIsPublished() throws Exception {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> insert = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      session.beginDeferred();
      assertThat(count(session)).isZero();
      assertBusySnapshot(session);
      session.rollback();
      writers.raft.release();
      Writers.get(insert);
      session.beginDeferred();
      assertThat(count(session)).isEqualTo(1);
      session.execute("INSERT INTO t VALUES (2, 'x')");
      session.rollback();
      assertThat(writers.ids()).containsExactly(1L);
    }
  }

  @Test
  void aNodeThatClosesDoesNotWaitForIt() {
    try (Writers writers = Writers.open(folder);
        Session session = writers.raft.session(Writers.DATABASE)) {
      session.beginDeferred();
      count(session);
      writers.raft.stop();
      assertThatThrownBy(() -> count(session)).isInstanceOf(BalsaException.class);
    }
  }
}
