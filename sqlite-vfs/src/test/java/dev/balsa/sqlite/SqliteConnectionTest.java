package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.jna.Pointer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteConnectionTest {
  @TempDir Path folder;

  @Test
  void keepsRowsInAFile() {
    Path file = folder.resolve("döner \u4F60.db");
    try (SqliteConnection db = open(file)) {
      db.execute("CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    }
    assertThat(file).isRegularFile();
    try (SqliteConnection db = SqliteConnection.open(file, OpenFlags.READONLY, null)) {
      assertThat(db.queryText("SELECT group_concat(b) FROM t")).isEqualTo("x,y");
      assertThat(db.queryLong("SELECT sum(a) FROM t")).isEqualTo(3);
    }
  }

  @Test
  void saysWhichFileCannotBeOpened() {
    Path file = folder.resolve("missing.db");
    assertThatExceptionOfType(SqliteException.class)
        .isThrownBy(() -> SqliteConnection.open(file, OpenFlags.READONLY, null))
        .withMessageContaining("SQLITE_CANTOPEN")
        .withMessageContaining(file.toString())
        .matches(e -> e.resultCode() == ResultCode.CANTOPEN);
  }

  @Test
  void refusesAnUnknownVfs() {
    assertThatExceptionOfType(SqliteException.class)
        .isThrownBy(() -> SqliteConnection.open(folder.resolve("a"), rwc(), "nowhere"))
        .withMessageContaining("no such vfs: nowhere");
  }

  @Test
  void opensThroughANamedVfs() {
    String name = new Pointer(Sqlite3.sqlite3_vfs_find(0)).getPointer(24).getString(0, "UTF-8");
    try (SqliteConnection db = SqliteConnection.open(folder.resolve("a.db"), rwc(), name)) {
      db.execute("CREATE TABLE t(a)");
    }
  }

  @Test
  void runsSeveralStatementsAndStopsAtTheFirstThatFails() {
    try (SqliteConnection db = memory()) {
      assertThatExceptionOfType(SqliteException.class)
          .isThrownBy(
              () ->
                  db.execute(
                      """
                      CREATE TABLE t(a UNIQUE); -- one; with a semicolon here
                      INSERT INTO t VALUES (1); SELECT a FROM t;
                      ;; INSERT INTO t VALUES (1);
                      INSERT INTO t VALUES (2);
                      """))
          .withMessage("SQLITE_CONSTRAINT_UNIQUE: UNIQUE constraint failed: t.a")
          .matches(e -> e.resultCode() == ResultCode.CONSTRAINT && e.extendedCode() == 2067);
      assertThat(db.queryText("SELECT group_concat(a) FROM t")).isEqualTo("1");
    }
  }

  @Test
  void executeAcceptsTextWithoutAnyStatement() {
    try (SqliteConnection db = memory()) {
      db.execute("");
      db.execute(" -- nothing");
      db.execute(";;");
    }
  }

  @Test
  void executesTextLongerThanItsScratchMemory() {
    try (SqliteConnection db = memory()) {
      String literal = "ä".repeat(NativeScratch.CAPACITY);
      db.execute(
          "CREATE TABLE t(a); INSERT INTO t VALUES ('"
              + literal
              + "'); INSERT INTO t VALUES ('z')");
      assertThat(db.queryText("SELECT a FROM t")).isEqualTo(literal);
      assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(2);
    }
  }

  @Test
  void preparesExactlyOneStatement() {
    try (SqliteConnection db = memory()) {
      try (SqliteStatement one = db.prepare(" SELECT 1 ; -- a remark\n ;")) {
        assertThat(one.step()).isTrue();
      }
      for (String none : List.of("", "  ", "-- x", "/* x", ";")) {
        assertFails(() -> db.prepare(none), "there is no statement in this SQL");
      }
      assertFails(() -> db.prepare("SELECT 1; SELECT 2"), "more SQL follows the statement");
      assertFails(() -> db.prepare("SELECT 1; nonsense"), "more SQL follows the statement");
    }
  }

  @Test
  void refusesSqlThatCannotReachSqliteAsItIs() {
    try (SqliteConnection db = memory()) {
      assertFails(() -> db.execute("SELECT 1\0; SELECT 2"), "a NUL character at 8");
      assertFails(() -> db.prepare("SELECT '\uD800'"), "an unpaired surrogate at 8");
    }
  }

  @Test
  void saysWhatIsWrongWithSql() {
    try (SqliteConnection db = memory()) {
      assertFails(() -> db.prepare("SELEC 1"), "SQLITE_ERROR: near \"SELEC\": syntax error");
      assertFails(() -> db.execute("SELECT * FROM nix"), "SQLITE_ERROR: no such table: nix");
    }
  }

  @Test
  void countsChangesAndKnowsTheLastRowid() {
    try (SqliteConnection db = memory()) {
      db.execute("CREATE TABLE t(a)");
      assertThat(db.lastInsertRowid()).isZero();
      db.execute("INSERT INTO t VALUES (1), (2), (3)");
      db.execute("UPDATE t SET a = a + 1 WHERE a > 1");
      assertThat(db.changes()).isEqualTo(2);
      assertThat(db.totalChanges()).isEqualTo(5);
      assertThat(db.lastInsertRowid()).isEqualTo(3);
    }
  }

  @Test
  void knowsWhetherATransactionIsOpen() {
    try (SqliteConnection db = memory()) {
      assertThat(db.autocommit()).isTrue();
      db.execute("BEGIN");
      assertThat(db.autocommit()).isFalse();
      db.execute("ROLLBACK");
      assertThat(db.autocommit()).isTrue();
    }
  }

  @Test
  void tellsAQueryWithoutAValueFromOneWithZero() {
    try (SqliteConnection db = memory()) {
      assertThat(db.queryLong("SELECT 0")).isZero();
      assertThatIllegalStateException().isThrownBy(() -> db.queryLong("SELECT 1 WHERE 0"));
      assertThatIllegalStateException().isThrownBy(() -> db.queryLong("SELECT NULL"));
      assertThat(db.queryText("SELECT 1 WHERE 0")).isNull();
      assertThat(db.queryText("SELECT NULL")).isNull();
      assertThat(db.queryText("SELECT 7.5")).isEqualTo("7.5");
    }
  }

  @Test
  void switchesOptionsOnAndOff() {
    try (SqliteConnection db = memory()) {
      db.dbConfig(DbConfig.ENABLE_FKEY, true);
      assertThat(db.queryLong("PRAGMA foreign_keys")).isEqualTo(1);
      db.dbConfig(DbConfig.ENABLE_FKEY, false);
      assertThat(db.queryLong("PRAGMA foreign_keys")).isZero();
      db.dbConfig(DbConfig.DEFENSIVE, true);
      db.execute("PRAGMA writable_schema = ON");
      assertFails(() -> db.execute("DELETE FROM sqlite_schema"), "may not be modified");
    }
  }

  @Test
  void everyOptionIsKnownToTheLibrary() {
    try (SqliteConnection db = memory()) {
      for (DbConfig option : DbConfig.values()) {
        db.dbConfig(option, true);
        db.dbConfig(option, false);
      }
    }
  }

  @Test
  void setsLimits() {
    try (SqliteConnection db = memory()) {
      int before = db.limit(Limit.SQL_LENGTH, 20);
      assertThat(db.limit(Limit.SQL_LENGTH, -1)).isEqualTo(20);
      assertThatExceptionOfType(SqliteException.class)
          .isThrownBy(() -> db.execute("SELECT 1, 2, 3, 4, 5, 6"))
          .matches(e -> e.resultCode() == ResultCode.TOOBIG);
      db.limit(Limit.SQL_LENGTH, before);
      db.limit(Limit.ATTACHED, 0);
      assertFails(() -> db.execute("ATTACH ':memory:' AS b"), "too many attached databases");
      assertThat(db.limit(Limit.WORKER_THREADS, -1)).isZero();
    }
  }

  @Test
  void checkpointsAndSaysHowFar() throws Exception {
    Path file = folder.resolve("w.db");
    Path wal = folder.resolve("w.db-wal");
    try (SqliteConnection db = open(file);
        SqliteConnection reader = open(file)) {
      assertThat(db.queryText("PRAGMA journal_mode = WAL")).isEqualTo("wal");
      db.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
      reader.execute("BEGIN; SELECT * FROM t");
      db.execute("INSERT INTO t VALUES (2)");
      int frames = (int) ((Files.size(wal) - 32) / (24 + 4096));

      CheckpointResult held = db.checkpoint(CheckpointMode.TRUNCATE);
      assertThat(held.resultCode()).isEqualTo(ResultCode.BUSY);
      assertThat(held.walFrames()).isEqualTo(frames);
      assertThat(held.checkpointedFrames()).isLessThan(frames);

      reader.execute("ROLLBACK");
      assertThat(db.checkpoint(CheckpointMode.PASSIVE))
          .isEqualTo(new CheckpointResult(ResultCode.OK, frames, frames));
      assertThat(db.checkpoint(CheckpointMode.FULL).resultCode()).isEqualTo(ResultCode.OK);
      assertThat(db.checkpoint(CheckpointMode.RESTART).resultCode()).isEqualTo(ResultCode.OK);
      assertThat(db.checkpoint(CheckpointMode.TRUNCATE))
          .isEqualTo(new CheckpointResult(ResultCode.OK, 0, 0));
      assertThat(wal).isEmptyFile();
    }
  }

  @Test
  void givesTheFileHandleThatItsMethodTableHangsOn() {
    try (SqliteConnection db = open(folder.resolve("a.db"))) {
      db.execute("CREATE TABLE t(a)");
      Pointer methods = new Pointer(db.fileHandle()).getPointer(0);
      assertThat(methods.getInt(0)).as("sqlite3_io_methods.iVersion").isBetween(1, 3);
    }
  }

  @Test
  void stopsWithBusyWhenAnotherHoldsTheLock() {
    Path file = folder.resolve("b.db");
    try (SqliteConnection one = open(file);
        SqliteConnection two = open(file)) {
      one.execute("CREATE TABLE t(a); BEGIN IMMEDIATE");
      assertThatExceptionOfType(SqliteException.class)
          .isThrownBy(() -> two.execute("INSERT INTO t VALUES (1)"))
          .withMessage("SQLITE_BUSY: database is locked");
      one.execute("ROLLBACK");
      two.execute("INSERT INTO t VALUES (1)");
    }
  }

  @Test
  void refusesToCloseWithAnOpenStatementAndStaysOpen() {
    SqliteConnection db = memory();
    SqliteStatement statement = db.prepare("SELECT 1");
    assertThatExceptionOfType(SqliteException.class)
        .isThrownBy(db::close)
        .matches(e -> e.resultCode() == ResultCode.BUSY);
    assertThat(statement.step()).isTrue();
    statement.close();
    db.close();
    db.close();
  }

  @Test
  void leavesNoStatementBehindWhenSqlFails() {
    SqliteConnection db = memory();
    db.execute("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1)");
    assertFails(() -> db.execute("INSERT INTO t VALUES (1)"), "UNIQUE");
    assertFails(() -> db.prepare("SELECT 1; SELECT 2"), "more SQL");
    assertFails(() -> db.queryText("SELECT abs(-9223372036854775808)"), "integer overflow");
    assertThat(Sqlite3.sqlite3_next_stmt(db.handle(), 0)).isZero();
    db.close();
  }

  @Test
  void everyUseAfterCloseIsAnIllegalState() {
    SqliteConnection db = memory();
    SqliteStatement statement = db.prepare("SELECT 1");
    statement.close();
    db.close();
    List<ThrowingCallable> uses =
        List.of(
            () -> db.execute("SELECT 1"),
            () -> db.prepare("SELECT 1"),
            () -> db.queryText("SELECT 1"),
            () -> db.queryLong("SELECT 1"),
            db::autocommit,
            db::changes,
            db::totalChanges,
            db::lastInsertRowid,
            () -> db.authorizer(null),
            () -> db.dbConfig(DbConfig.DEFENSIVE, true),
            () -> db.limit(Limit.LENGTH, -1),
            () -> db.checkpoint(CheckpointMode.PASSIVE),
            db::fileHandle,
            db::handle);
    assertThat(uses)
        .allSatisfy(
            use ->
                assertThatIllegalStateException()
                    .isThrownBy(use)
                    .withMessageContaining("is closed"));
    db.interrupt();
    statement.close();
    assertThat(db).hasToString("SqliteConnection[:memory:, closed]");
  }

  @Test
  void manyThreadsHaveTheirOwnConnections() throws Exception {
    List<Callable<Long>> sums =
        List.of(1, 2, 3, 4, 5, 6, 7, 8).stream()
            .<Callable<Long>>map(seed -> () -> sum(seed))
            .toList();
    List<Long> found = InThreads.runAll(sums);
    assertThat(found).containsExactly(2000L, 4000L, 6000L, 8000L, 10000L, 12000L, 14000L, 16000L);
  }

  private static long sum(int each) {
    try (SqliteConnection db = memory()) {
      db.execute("CREATE TABLE t(a, b)");
      try (SqliteStatement insert = db.prepare("INSERT INTO t VALUES (?, ?)")) {
        for (int i = 0; i < 2_000; i++) {
          insert.bind(1, each);
          insert.bind(2, "row " + i + " of " + each);
          insert.step();
          insert.reset();
        }
      }
      return db.queryLong("SELECT sum(a) FROM t WHERE b LIKE 'row %% of " + each + "'");
    }
  }

  private SqliteConnection open(Path file) {
    return SqliteConnection.open(file, rwc(), null);
  }

  static SqliteConnection memory() {
    return SqliteConnection.open(Path.of(":memory:"), rwc(), null);
  }

  private static int rwc() {
    return OpenFlags.READWRITE | OpenFlags.CREATE;
  }

  static void assertFails(ThrowingCallable call, String messagePart) {
    assertThatExceptionOfType(SqliteException.class)
        .isThrownBy(call)
        .withMessageContaining(messagePart);
  }
}
