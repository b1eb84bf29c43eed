package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class SqlGuardTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRAGMA journal_mode=delete",
        "PRAGMA locking_mode=normal",
        "PRAGMA synchronous=off",
        "PRAGMA wal_checkpoint(truncate)",
        "PRAGMA wal_autocheckpoint=1",
        "PRAGMA page_size=8192",
        "PRAGMA foreign_keys=on",
        "PRAGMA writable_schema=on",
        "PRAGMA schema_version=7",
        "PRAGMA mmap_size=1000000",
        "PRAGMA no_such_pragma",
        "ATTACH 'other.db' AS other",
        "ATTACH '' AS other",
        "VACUUM INTO 'copy.db'",
        "DETACH main",
        "SELECT load_extension('x')",
        "CREATE TEMP TABLE x(a)",
        "CREATE TEMP VIEW x AS SELECT 1",
        "SAVEPOINT s",
        "RELEASE s",
        "UPDATE sqlite_schema SET sql='x'"
      })
  void whatWouldGoRoundReplicationIsRefusedAndTheDatabaseGoesOn(String sql) throws Exception {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      assertThatThrownBy(() -> session.execute(sql))
          .isInstanceOf(SqliteException.class)
          .message()
          .doesNotEndWith("not authorized");
      session.execute("INSERT INTO t VALUES (1)");
      assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isEqualTo(1);
      assertThat(session.query("PRAGMA journal_mode").single().getString(0)).isEqualTo("wal");
      assertThat(raft.failure()).isNull();
      try (var files = Files.list(folder)) {
        assertThat(files).containsExactly(folder.resolve("db"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRAGMA journal_mode=delete",
        "PRAGMA query_only=off",
        "ATTACH 'other.db' AS other",
        "BEGIN",
        "DELETE FROM t",
        "PRAGMA user_version=3"
      })
  void aReaderCanDoNothingButRead(String sql) {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      assertThatThrownBy(() -> session.query(sql)).isInstanceOf(SqliteException.class);
      assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
    }
  }

  @Test
  void pragmasThatReadOrChangeTheDatabaseItselfAreAllowed() {
    try (HandRaft raft = HandRaft.open(folder.resolve("db")).lead();
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute("PRAGMA user_version=42");
      assertThat(session.query("PRAGMA user_version").single().getLong(0)).isEqualTo(42);
      assertThat(session.query("PRAGMA table_info(t)").single().getString("name")).isEqualTo("v");
      assertThat(session.query("SELECT name FROM pragma_table_info('t')").single().getString(0))
          .isEqualTo("v");
      assertThat(session.query("PRAGMA integrity_check").single().getString(0)).isEqualTo("ok");
    }
  }
}
