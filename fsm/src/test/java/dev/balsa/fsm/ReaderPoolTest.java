package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.CheckpointMode;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
final class ReaderPoolTest {
  private static final Duration LONG = Duration.ofSeconds(100);
  private static final String ENDLESS =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

  /** That there is something in the WAL: else readers need nothing of it. */
  private static final String WRITE = "INSERT INTO other VALUES (1)";

  @TempDir private Path folder;
  private final SqlSurface sql = new SqlSurface(SqlLimits.DEFAULT, new StatementTimer("pool"));
  private final AtomicLong published = new AtomicLong();
  private Path file;

  @BeforeEach
  void makeDatabase() {
    file = folder.resolve("a.db");
    try (SqliteConnection connection =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      connection.execute(
          "PRAGMA journal_mode=WAL; CREATE TABLE t(v); INSERT INTO t VALUES (7);"
              + " CREATE TABLE other(v)");
    }
  }

  @AfterEach
  void nothingStaysOpen() throws Exception {
    sql.close();
    assertThat(OpenFiles.in(folder)).isEmpty();
  }

  private static BalsaException closed() {
    return new BalsaException("the pool is closed");
  }

  private void publish(SqliteConnection writer, String statement) {
    writer.execute(statement);
    published.incrementAndGet();
  }

  private long read(ReaderPool pool) {
    return pool.query(LONG, "SELECT v FROM t").single().getLong(0);
  }

  /** With more threads than the pool keeps connections for. */
  @Test
  void whoReadsWhileThePoolIsClosedGetsHisRowsOrIsTold() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(24);
    AtomicInteger rows = new AtomicInteger();
    try {
      for (int round = 0; round < 20; round++) {
        ReaderPool pool = new ReaderPool(file, sql, published::get);
        CountDownLatch reading = new CountDownLatch(24);
        List<Future<String>> ends = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
          ends.add(
              threads.submit(
                  () -> {
                    try {
                      while (true) {
                        assertThat(read(pool)).isEqualTo(7);
                        rows.incrementAndGet();
                        reading.countDown();
                      }
                    } catch (BalsaException e) {
                      return String.valueOf(e.getMessage());
                    } catch (dev.balsa.sqlite.SqliteException e) {
                      return "interrupted"; // it ran when the pool was closed
                    }
                  }));
        }
        assertThat(reading.await(60, TimeUnit.SECONDS)).isTrue();
        pool.close(ReaderPoolTest::closed);
        for (Future<String> end : ends) {
          assertThat(end.get(60, TimeUnit.SECONDS)).isIn("the pool is closed", "interrupted");
        }
        assertThat(OpenFiles.in(folder)).isEmpty();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(rows).hasValueGreaterThanOrEqualTo(20 * 24);
  }

  /** Also who was about to: what is written after the close must be seen by nobody. */
  @Test
  void nobodyReadsWhatComesAfterThePoolWasClosed() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (SqliteConnection writer = SqliteConnection.open(file, OpenFlags.READWRITE, null)) {
      writer.execute("PRAGMA synchronous=OFF");
      for (int round = 0; round < 300; round++) {
        long before = 7L + round;
        ReaderPool pool = new ReaderPool(file, sql, published::get);
        CountDownLatch begun = new CountDownLatch(4);
        List<Future<Long>> seen = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          seen.add(
              threads.submit(
                  () -> {
                    long newest = 0;
                    begun.countDown();
                    try {
                      while (true) {
                        newest = Math.max(newest, read(pool));
                      }
                    } catch (BalsaException | dev.balsa.sqlite.SqliteException e) {
                      return newest;
                    }
                  }));
        }
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        pool.close(ReaderPoolTest::closed);
        writer.execute("UPDATE t SET v = v + 1");
        for (Future<Long> newest : seen) {
          assertThat(newest.get(60, TimeUnit.SECONDS)).isLessThanOrEqualTo(before);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closingInterruptsWhatRuns() throws Exception {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<?> endless = thread.submit(() -> pool.query(LONG, ENDLESS));
      Writers.awaitThat(() -> !OpenFiles.in(folder).isEmpty());
      pool.close(ReaderPoolTest::closed);
      assertThatThrownBy(() -> endless.get(60, TimeUnit.SECONDS))
          .satisfies(
              e -> assertThat(e.getCause()).hasMessageMatching(".*(?i)(interrupt|closed).*"));
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void aConnectionIsUsedAgainAndNotMoreAreKeptThanWereUsedAtATime() {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    for (int i = 0; i < 50; i++) {
      assertThat(read(pool)).isEqualTo(7);
    }
    assertThat(connections()).isEqualTo(1);
    pool.close(ReaderPoolTest::closed);
    assertThatThrownBy(() -> read(pool)).hasMessage("the pool is closed");
  }

  /** By their WALs: main files stay open, unused, as long as others have locks on them. */
  private long connections() {
    return OpenFiles.in(folder).stream().filter(path -> path.endsWith("a.db-wal")).count();
  }

  @Test
  void threadsThatReadOneAfterTheOtherShareOneConnection() throws Exception {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    for (int i = 0; i < 40; i++) {
      ExecutorService thread = Executors.newSingleThreadExecutor();
      try {
        for (int turn = 0; turn < 2; turn++) {
          assertThat(thread.submit(() -> read(pool)).get(60, TimeUnit.SECONDS)).isEqualTo(7);
          assertThat(read(pool)).isEqualTo(7);
        }
      } finally {
        thread.shutdownNow();
      }
    }
    assertThat(connections()).isEqualTo(1);
    pool.close(ReaderPoolTest::closed);
  }

  @Test
  void ofManyConnectionsUsedAtATimeSixteenAreKeptAndUsedAgain() throws Exception {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    ExecutorService threads = Executors.newFixedThreadPool(24);
    try {
      for (int round = 0; round < 2; round++) {
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
          ends.add(threads.submit(() -> pool.query(Duration.ofSeconds(2), ENDLESS)));
        }
        Writers.awaitThat(() -> connections() == 24);
        for (Future<?> end : ends) {
          assertThatThrownBy(() -> end.get(60, TimeUnit.SECONDS))
              .hasCauseInstanceOf(StatementTimeoutException.class);
        }
        assertThat(connections()).isEqualTo(16);
      }
    } finally {
      threads.shutdownNow();
    }
    pool.close(ReaderPoolTest::closed);
  }

  @Test
  void aStatementThatIsKeptTellsTheColumnsThatThereAreNow() {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    try (SqliteConnection writer = SqliteConnection.open(file, OpenFlags.READWRITE, null)) {
      String all = "SELECT * FROM t";
      assertThat(pool.query(LONG, all).columns()).containsExactly("v");
      publish(writer, "ALTER TABLE t ADD COLUMN w DEFAULT 8");
      Rows wider = pool.query(LONG, all);
      assertThat(wider.columns()).containsExactly("v", "w");
      assertThat(wider.single().getLong("w")).isEqualTo(8);
      publish(writer, "ALTER TABLE t RENAME COLUMN w TO x");
      assertThat(pool.query(LONG, all).columns()).containsExactly("v", "x");
      assertThat(pool.query(LONG, all).single().getLong("x")).isEqualTo(8);
    }
    pool.close(ReaderPoolTest::closed);
  }

  /** A writer that checkpoints nothing by itself, and whose WAL holds something. */
  private SqliteConnection writer() {
    SqliteConnection writer = SqliteConnection.open(file, OpenFlags.READWRITE, null);
    writer.execute("PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=OFF;" + WRITE);
    return writer;
  }

  /** Whether a reader keeps the WAL from beginning anew. */
  private static boolean isHeldUp(SqliteConnection writer) {
    return writer.checkpoint(CheckpointMode.RESTART).resultCode() == ResultCode.BUSY;
  }

  private void readOften(ReaderPool pool) {
    for (int i = 0; i < 20; i++) {
      assertThat(read(pool)).isEqualTo(7);
    }
  }

  @Test
  void whatIsReadOverAndOverIsKeptUntilItIsToBeLetGo() {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    try (SqliteConnection writer = writer()) {
      assertThat(read(pool)).isEqualTo(7);
      assertThat(isHeldUp(writer)).as("after one query").isFalse();
      writer.execute(WRITE);
      readOften(pool);
      assertThat(isHeldUp(writer)).as("after many queries").isTrue();
      pool.letGo();
      assertThat(isHeldUp(writer)).as("after all was let go").isFalse();
      writer.execute(WRITE);
      readOften(pool);
      assertThat(isHeldUp(writer)).as("once more").isTrue();
    }
    pool.close(ReaderPoolTest::closed);
  }

  @Test
  void whatIsPublishedIsReadByTheNextQuery() {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    try (SqliteConnection writer = writer()) {
      for (int round = 1; round <= 30; round++) {
        publish(writer, "UPDATE t SET v = " + round);
        for (int i = 0; i < round; i++) { // it is kept after some of them
          assertThat(read(pool)).isEqualTo(round);
        }
      }
    }
    pool.close(ReaderPoolTest::closed);
  }

  @Test
  void nothingIsKeptWhereEachQueryFindsAnotherState() {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    try (SqliteConnection writer = writer()) {
      for (int round = 1; round <= 30; round++) {
        publish(writer, "UPDATE t SET v = " + round);
        assertThat(read(pool)).isEqualTo(round);
        assertThat(read(pool)).isEqualTo(round);
      }
      assertThat(isHeldUp(writer)).isFalse();
    }
    pool.close(ReaderPoolTest::closed);
  }

  @Test
  void aQueryThatFailsLeavesNothingKept() {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    String failing = "SELECT abs(v) FROM t UNION ALL SELECT abs(?)";
    try (SqliteConnection writer = writer()) {
      for (int i = 0; i < 20; i++) {
        assertThat(pool.query(LONG, failing, 1).size()).isEqualTo(2);
      }
      assertThat(isHeldUp(writer)).isTrue();
      assertThatThrownBy(() -> pool.query(LONG, failing, Long.MIN_VALUE))
          .hasMessageContaining("integer overflow");
      assertThat(isHeldUp(writer)).isFalse();
      assertThat(pool.query(LONG, failing, 1).size()).isEqualTo(2);
    }
    assertThat(connections()).isEqualTo(1);
    pool.close(ReaderPoolTest::closed);
  }

  /** Its error is the one that it gets outside of a transaction. */
  @Test
  void whatIsNoQueryRunsOnItsOwn() {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    try (SqliteConnection writer = writer()) {
      for (String other :
          List.of("VACUUM", "DELETE FROM t", "PRAGMA table_list", "SELECT 1 AS x")) {
        String alone = outcome(pool, other);
        readOften(pool);
        assertThat(isHeldUp(writer)).as(other).isTrue();
        String notRepeated = other.replace("1", "1 "); // a query is one when it runs again
        assertThat(outcome(pool, notRepeated)).isEqualTo(alone);
        assertThat(isHeldUp(writer)).as(other).isFalse();
        writer.execute(WRITE);
      }
    }
    pool.close(ReaderPoolTest::closed);
  }

  private static String outcome(ReaderPool pool, String statement) {
    try {
      return pool.query(LONG, statement).toString();
    } catch (SqliteException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Whoever is at it when all is let go lets go himself, even if he never comes again. */
  @Test
  void nobodyKeepsWhatWasLetGoWhileHeRead() throws Exception {
    ReaderPool pool = new ReaderPool(file, sql, published::get);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (SqliteConnection writer = writer()) {
      for (int round = 0; round < 200; round++) {
        writer.execute(WRITE);
        CountDownLatch begun = new CountDownLatch(4);
        AtomicBoolean last = new AtomicBoolean();
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          ends.add(
              threads.submit(
                  () -> {
                    begun.countDown();
                    do {
                      read(pool);
                    } while (!last.get());
                  }));
        }
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        last.set(true);
        pool.letGo();
        for (Future<?> end : ends) {
          end.get(60, TimeUnit.SECONDS);
        }
        // One more query each, at most, has begun since: too few for anything to be kept again.
        assertThat(isHeldUp(writer)).as("round %d", round).isFalse();
      }
    } finally {
      threads.shutdownNow();
    }
    pool.close(ReaderPoolTest::closed);
  }
}
