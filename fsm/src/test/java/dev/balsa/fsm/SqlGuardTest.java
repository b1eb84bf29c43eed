package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.Sqlite3;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What SQL of the application is refused, wherever it is tried, and with which words. */
@Timeout(120)
final class SqlGuardTest {
  private static final String FILES = "how the files are written is what replication rests on";
  private static final String CHECKPOINTS = "the node makes checkpoints itself";
  private static final String SCHEMA = "the schema is changed by CREATE, ALTER and DROP";
  private static final String SHARED = "it would change a connection that all sessions share";
  private static final String OTHER_FILES = "other files are not replicated";
  private static final String TEMPORARY = "they are not replicated: use WITH, or an ordinary table";
  private static final String CONTROL = "transactions are begun and ended by the session";
  private static final String NO_VACUUM = "cannot VACUUM from within a transaction";
  private static final String VACUUM_WRITES = "VACUUM writes: use execute()";

  @TempDir Path folder;

  /** Where a statement is tried. */
  enum Place {
    WRITER_AUTOCOMMIT,
    WRITER_TRANSACTION,
    READER
  }

  /** A statement, and what it is refused with in each place. */
  private record Nasty(String sql, String autocommit, String transaction, String reader) {
    Nasty(String sql, String everywhere) {
      this(sql, everywhere, everywhere, everywhere);
    }

    String text(Place place) {
      return switch (place) {
        case WRITER_AUTOCOMMIT -> autocommit;
        case WRITER_TRANSACTION -> transaction;
        case READER -> reader;
      };
    }
  }

  private static Stream<Nasty> all(String text, String... statements) {
    return Stream.of(statements).map(sql -> new Nasty(sql, text));
  }

  private static List<Nasty> nasty() {
    return Stream.of(
            all(
                FILES,
                "PRAGMA journal_mode=delete",
                "pragma MAIN.Journal_Mode = off",
                "PRAGMA journal_mode('memory')",
                "PRAGMA journal_mode=''",
                " ; /* comment; */ -- another\n ; PRAGMA journal_mode=delete",
                "EXPLAIN PRAGMA journal_mode=delete",
                "EXPLAIN QUERY PLAN PRAGMA locking_mode=normal",
                "PRAGMA locking_mode=normal",
                "PRAGMA main.locking_mode(normal)",
                "PRAGMA synchronous=off",
                "PRAGMA synchronous(0)",
                "PRAGMA temp.synchronous=1",
                "PRAGMA fullfsync=1"),
            all(
                CHECKPOINTS,
                "PRAGMA wal_checkpoint",
                "PRAGMA wal_checkpoint(truncate)",
                "PRAGMA wal_autocheckpoint=1",
                "PRAGMA wal_autocheckpoint(1)",
                "PRAGMA journal_size_limit=0"),
            all(
                SCHEMA,
                "PRAGMA writable_schema=on",
                "PRAGMA writable_schema=reset",
                "PRAGMA schema_version=7",
                "UPDATE sqlite_schema SET sql='x'",
                "DELETE FROM sqlite_master",
                "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x(a)')"),
            all(
                SHARED,
                "PRAGMA temp_store_directory='/'",
                "PRAGMA mmap_size=1000000",
                "PRAGMA cache_size=1",
                "PRAGMA case_sensitive_like=on",
                "PRAGMA secure_delete=on",
                "PRAGMA no_such_pragma",
                "PRAGMA hard_heap_limit=1",
                "PRAGMA shrink_memory",
                "PRAGMA recursive_triggers=on",
                "PRAGMA ignore_check_constraints=on",
                "PRAGMA read_uncommitted=on",
                "PRAGMA threads=4",
                "PRAGMA max_page_count=2",
                "PRAGMA legacy_alter_table=on"),
            all("use SessionOptions.withForeignKeys", "PRAGMA foreign_keys=on"),
            all("use SessionOptions.withTimeout", "PRAGMA busy_timeout=1"),
            all("when a database is made", "PRAGMA page_size=8192"),
            all("in UTF-8", "PRAGMA encoding='UTF-16'"),
            all("use query() to read and execute() to write", "PRAGMA query_only=off"),
            all("harmless functions", "PRAGMA trusted_schema=on"),
            all(
                "run ANALYZE",
                "PRAGMA optimize",
                "PRAGMA main.optimize(0x10002)",
                "SELECT * FROM pragma_optimize",
                "SELECT * FROM pragma_optimize(-1)",
                "SELECT count(*) FROM PRAGMA_OPTIMIZE AS p",
                "WITH p AS (SELECT * FROM pragma_optimize) SELECT 1 FROM t, p",
                "EXPLAIN SELECT * FROM pragma_optimize"),
            all(
                OTHER_FILES,
                "ATTACH 'other.db' AS other",
                "ATTACH 'file:other.db?vfs=unix-none&mode=rwc' AS other",
                "ATTACH 'file::memory:?cache=shared' AS other",
                "ATTACH ':memory:' AS other",
                "ATTACH '' AS other",
                "ATTACH 'other' || '.db' AS other",
                "ATTACH (SELECT '') AS other",
                "ATTACH NULL AS other",
                "EXPLAIN ATTACH 'other.db' AS other"),
            all("there are no attached databases", "DETACH main", "DETACH other"),
            Stream.of(
                    "VACUUM INTO 'copy.db'",
                    "VACUUM main INTO 'copy' || '.db'",
                    "VACUUM INTO 'file:copy.db'",
                    "VACUUM INTO (SELECT 'copy.db')")
                .map(sql -> new Nasty(sql, OTHER_FILES, NO_VACUUM, VACUUM_WRITES)),
            all(
                "it reaches out of the database",
                "SELECT load_extension('x')",
                "SELECT LOAD_Extension('x', 'y')",
                "CREATE TABLE x AS SELECT load_extension('x')"),
            all(
                TEMPORARY,
                "CREATE TEMP TABLE x(a)",
                "CREATE TEMPORARY TABLE x AS SELECT 1",
                "CREATE TABLE temp.x(a)",
                "CREATE TABLE \"TEMP\".x(a)",
                "CREATE TEMP VIEW x AS SELECT 1",
                "CREATE VIEW temp.x AS SELECT 1",
                "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
                "CREATE VIRTUAL TABLE temp.x USING fts5(a)",
                "CREATE VIRTUAL TABLE temp.x USING rtree(a, b, c)",
                "EXPLAIN CREATE TEMP TABLE x(a)"),
            all(
                "its virtual table alone writes it",
                "DELETE FROM docs_data",
                "UPDATE docs_config SET v=1",
                "DROP TABLE docs_data",
                "ALTER TABLE docs_content RENAME TO x"),
            all(
                CONTROL,
                "EXPLAIN BEGIN",
                "EXPLAIN COMMIT",
                "EXPLAIN QUERY PLAN ROLLBACK",
                "explain /* */ end"),
            all(
                "syntax error",
                "BEGIN CONCURRENT",
                "COMMIT AND CHAIN",
                "ROLLBACK NOW",
                "BEGIN IMMEDIATE DEFERRED TRANSACTION"),
            Stream.of("SAVEPOINT s", "RELEASE s", "ROLLBACK TO s", "ROLLBACK TRANSACTION TO s")
                .map(
                    sql ->
                        new Nasty(
                            sql,
                            "a savepoint needs an open transaction",
                            sql.startsWith("SAVEPOINT") ? "" : "no such savepoint",
                            "a savepoint needs an open transaction")))
        .flatMap(nasty -> nasty)
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void whatWouldGoRoundReplicationIsRefusedEverywhereAndTheDatabaseGoesOn(Place place)
      throws Exception {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute("CREATE VIRTUAL TABLE docs USING fts5(body)");
      for (Nasty nasty : nasty()) {
        Throwable thrown = catchThrowable(() -> attempt(session, place, nasty.sql()));
        if (nasty.text(place).isEmpty()) {
          assertThat(thrown).as(nasty.sql()).isNull();
        } else {
          assertThat(thrown)
              .as(nasty.sql())
              .isInstanceOf(SqliteException.class)
              .hasMessageContaining(nasty.text(place));
        }
        assertUntouched(session, nasty.sql());
      }
      assertThat(raft.failure()).isNull();
      try (var files = Files.list(folder)) {
        assertThat(files).containsExactly(folder.resolve("db"));
      }
      try (var files = Files.list(folder.resolve("db"))) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .filteredOn(file -> !file.startsWith("_catalogue"))
            .containsExactlyInAnyOrder("app.db", "app.db-wal", "app.db-shm");
      }
    }
  }

  private static void attempt(Session session, Place place, String sql) {
    switch (place) {
      case WRITER_AUTOCOMMIT -> session.execute(sql);
      case READER -> session.query(sql);
      case WRITER_TRANSACTION -> {
        session.begin();
        try {
          session.execute(sql);
        } finally {
          session.rollback();
        }
      }
    }
  }

  /** As a new session finds it, in the same connections. */
  private static void assertUntouched(Session session, String sql) {
    session.begin();
    assertThat(setting(session, "journal_mode")).as(sql).isEqualTo("wal");
    assertThat(setting(session, "locking_mode")).as(sql).isEqualTo("exclusive");
    assertThat(setting(session, "synchronous")).as(sql).isEqualTo(2L);
    assertThat(setting(session, "writable_schema")).as(sql).isEqualTo(0L);
    assertThat(setting(session, "foreign_keys")).as(sql).isEqualTo(0L);
    assertThat(session.query("PRAGMA database_list").stream().map(row -> row.getString("name")))
        .as(sql)
        .isSubsetOf("main", "temp"); // SQLite's own, empty as the next line says
    assertThat(session.query("SELECT * FROM sqlite_temp_schema").isEmpty()).as(sql).isTrue();
    session.rollback();
    assertThat(setting(session, "journal_mode")).as(sql).isEqualTo("wal");
    assertThat(setting(session, "query_only")).as(sql).isEqualTo(1L);
    session.execute("INSERT INTO t VALUES (1)");
    assertThat(session.execute("DELETE FROM t").changes()).as(sql).isEqualTo(1);
  }

  private static @Nullable Object setting(Session session, String pragma) {
    return session.query("PRAGMA " + pragma).single().get(0);
  }

  @Test
  void theCodeSaysThatItIsARefusal() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      for (String sql :
          List.of("PRAGMA locking_mode=normal", "ATTACH 'x' AS x", "VACUUM INTO 'x'")) {
        assertThatThrownBy(() -> session.execute(sql))
            .isInstanceOfSatisfying(
                SqliteException.class, e -> assertThat(e.resultCode()).isEqualTo(ResultCode.AUTH))
            .hasMessageEndingWith("(" + sql + ")");
      }
      assertThatThrownBy(() -> session.execute("PRAGMA x" + "x".repeat(1000)))
          .hasMessageEndingWith("xxx...)");
    }
  }

  @Test
  void aReaderCanDoNothingButRead() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v); CREATE INDEX tv ON t(v)");
      for (String sql :
          List.of(
              "BEGIN",
              "DELETE FROM t",
              "INSERT INTO t VALUES (1) RETURNING v",
              "CREATE TABLE u(v)",
              "DROP TABLE t",
              "VACUUM",
              "ANALYZE",
              "REINDEX",
              "PRAGMA user_version=3",
              "PRAGMA auto_vacuum=1",
              "PRAGMA incremental_vacuum")) {
        assertThat(catchThrowable(() -> session.query(sql)))
            .as(sql)
            .isInstanceOf(SqliteException.class)
            .hasMessageMatching("(?s).*(execute\\(\\)|begun and ended by the session).*");
        assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      }
    }
  }

  /** Compiled while it was allowed, it must not be run from the cache when it is not. */
  @Test
  void aSavepointThatWasAllowedInATransactionIsRefusedAfterIt() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      for (String sql : List.of("SAVEPOINT s", "PRAGMA defer_foreign_keys=ON")) {
        session.begin();
        session.execute(sql);
        session.commit();
        assertThatThrownBy(() -> session.execute(sql))
            .isInstanceOf(SqliteException.class)
            .hasMessageContaining("needs an open transaction");
        session.transaction(s -> s.execute("INSERT INTO t VALUES (1)"));
      }
      assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isEqualTo(2);
    }
  }

  /** Kept, it would be run again on a schema that SQLite has freed: a crash of the process. */
  @Test
  void anExplainIsNotKeptCompiled() {
    try (SqlSurface surface = new SqlSurface(SqlLimits.DEFAULT, new StatementTimer("test"));
        SqliteConnection connection =
            SqliteConnection.open(Path.of(":memory:"), OpenFlags.READWRITE, null);
        StatementCache statements = new StatementCache(connection, new SqlGuard(true), surface)) {
      statements.run(Duration.ofSeconds(10), "/* x */ explain SELECT 1");
      statements.run(Duration.ofSeconds(10), "; EXPLAIN QUERY PLAN SELECT 1");
      assertThat(Sqlite3.sqlite3_next_stmt(connection.handle(), 0)).isZero();
      statements.run(Duration.ofSeconds(10), "SELECT 1");
      assertThat(Sqlite3.sqlite3_next_stmt(connection.handle(), 0)).isNotZero();
    }
  }

  @Test
  void foreignKeysCanBeDeferredWithinATransactionAndNoLonger() {
    SessionOptions strict = SessionOptions.DEFAULT.withForeignKeys(true);
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db", strict)) {
      session.execute("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE t(v REFERENCES p(id))");
      session.begin();
      session.execute("PRAGMA defer_foreign_keys=ON");
      session.execute("INSERT INTO t VALUES (1)");
      session.execute("INSERT INTO p VALUES (1)");
      session.commit();
      session.begin();
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (2)"))
          .hasMessageContaining("FOREIGN KEY");
      session.rollback();
    }
  }

  @Test
  void ordinarySqlIsNotInTheWay() throws Exception {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      for (String sql :
          List.of(
              "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, w AS (v || 'w'))",
              "CREATE INDEX tv ON t(v)",
              "CREATE TABLE log(x)",
              "CREATE TRIGGER tt AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.v); END",
              "CREATE VIEW vw AS SELECT count(*) AS n FROM t",
              "INSERT INTO t(v) VALUES ('a'), ('b') ON CONFLICT DO NOTHING",
              "WITH x AS (SELECT 'c' AS v) INSERT INTO t(v) SELECT v FROM x RETURNING id",
              "ALTER TABLE t ADD COLUMN z DEFAULT 7",
              "ALTER TABLE t RENAME COLUMN z TO y",
              "ALTER TABLE t RENAME TO t2",
              "ALTER TABLE t2 DROP COLUMN y",
              "ALTER TABLE t2 RENAME TO t",
              "CREATE VIRTUAL TABLE docs USING fts5(body)",
              "INSERT INTO docs VALUES ('hello world')",
              "INSERT INTO docs(docs) VALUES ('optimize')",
              "CREATE VIRTUAL TABLE boxes USING rtree(id, x1, x2)",
              "INSERT INTO boxes VALUES (1, 2, 3)",
              "CREATE TABLE pragma_notes(x)",
              "SELECT * FROM pragma_notes",
              "PRAGMA user_version=42",
              "PRAGMA application_id=7",
              "PRAGMA auto_vacuum=2",
              "VACUUM",
              "/* all of it */ VACUUM main;",
              "PRAGMA incremental_vacuum(1)",
              "ANALYZE",
              "REINDEX",
              "EXPLAIN QUERY PLAN DELETE FROM t",
              "DROP VIEW vw",
              "DROP TRIGGER tt",
              "DROP INDEX tv",
              "DROP TABLE log")) {
        assertThat(catchThrowable(() -> session.execute(sql))).as(sql).isNull();
      }
      assertThat(session.query("PRAGMA user_version").single().getLong(0)).isEqualTo(42);
      assertThat(session.query("PRAGMA auto_vacuum").single().getLong(0)).isEqualTo(2);
      assertThat(session.query("SELECT name FROM pragma_table_info('t')").size()).isEqualTo(2);
      assertThat(session.query("PRAGMA table_info(t)").get(1).getString("name")).isEqualTo("v");
      assertThat(session.query("PRAGMA integrity_check").single().getString(0)).isEqualTo("ok");
      assertThat(session.query("SELECT body FROM docs('world')").size()).isEqualTo(1);
      assertThat(session.query("SELECT id FROM boxes WHERE x1 < 5").size()).isEqualTo(1);
      assertThat(session.query("EXPLAIN INSERT INTO t(v) VALUES (1)").isEmpty()).isFalse();
      assertThat(raft.failure()).isNull();
    }
  }

  /** What a new version of SQLite brings is refused until somebody has looked at it. */
  @Test
  void everyPragmaInTheFormOfATableIsOneThatReadsOrIsRefused() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      List<String> pragmas =
          session.query("PRAGMA pragma_list").stream().map(row -> row.getString(0)).toList();
      assertThat(pragmas).contains("optimize", "table_info").hasSizeGreaterThan(50);
      List<String> allowed =
          pragmas.stream()
              .filter(
                  name ->
                      catchThrowable(() -> session.query("SELECT * FROM pragma_" + name)) == null)
              .toList();
      assertThat(allowed)
          .hasSizeGreaterThan(20)
          .allMatch(name -> PragmaPolicy.refusal(name, null, false, false) == null);
      assertThat(allowed).doesNotContain("optimize");
    }
  }
}
