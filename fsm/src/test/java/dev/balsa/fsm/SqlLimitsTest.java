package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each limit is refused by name on readers and on the writer, and can be changed. */
@Timeout(180)
final class SqlLimitsTest {
  private static final SqlLimits SMALL = new SqlLimits(2_000, 5_000, 50_000, 20, 5, 2_000);

  @TempDir Path folder;
  private int nodes;

  private HandRaft leader(String name, SqlLimits limits) {
    return HandRaft.open(FsmConfig.of(folder.resolve(name), name).withLimits(limits)).lead();
  }

  private void assertLimited(String sql, String text, SqlLimits larger, Object... parameters) {
    String name = "node" + nodes++;
    try (HandRaft raft = leader(name, SMALL);
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      assertThatThrownBy(() -> session.query(sql, parameters))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining(text);
      assertThatThrownBy(() -> session.execute("INSERT INTO t " + sql, parameters))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining(text);
      session.execute("INSERT INTO t VALUES (1)");
      assertThat(session.query("SELECT v FROM t").size()).isEqualTo(1);
    }
    try (HandRaft raft = leader(name + "-larger", larger);
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.query(sql, parameters);
      session.execute("INSERT INTO t " + sql, parameters);
    }
  }

  @Test
  void theLengthOfAStatementIsLimited() {
    assertLimited(
        "SELECT 1 -- " + "x".repeat(2_000),
        "the limit is 2000: SqlLimits.withSqlBytesMax",
        SMALL.withSqlBytesMax(3_000));
    assertLimited(
        "SELECT '" + "\u20ac".repeat(700) + "'",
        "the limit is 2000: SqlLimits.withSqlBytesMax",
        SMALL.withSqlBytesMax(3_000));
  }

  @Test
  void theLengthOfAValueIsLimited() {
    String text = "may have 5000 bytes: SqlLimits.withValueBytesMax";
    assertLimited("SELECT zeroblob(6000)", text, SMALL.withValueBytesMax(10_000));
    assertLimited("SELECT ?", text, SMALL.withValueBytesMax(10_000), "x".repeat(6_000));
    assertLimited(
        "SELECT replace(hex(zeroblob(2000)), '00', 'xyz')", text, SMALL.withValueBytesMax(10_000));
  }

  @Test
  void theDepthOfAnExpressionIsLimited() {
    assertLimited(
        "SELECT 1" + "+1".repeat(30),
        "SqlLimits.withExpressionDepthMax",
        SMALL.withExpressionDepthMax(100));
  }

  @Test
  void theNumberOfParametersIsLimited() {
    Object[] six = Collections.nCopies(6, 1).toArray();
    String text = "may have 5 parameters: SqlLimits.withParametersMax";
    assertLimited("SELECT ? + ? + ? + ? + ? + ?", text, SMALL.withParametersMax(6), six);
    assertLimited("SELECT ?6", text, SMALL.withParametersMax(6), six);
  }

  @Test
  void theNumberOfInstructionsIsLimited() {
    assertLimited(
        "SELECT count(*) FROM sqlite_schema a, sqlite_schema b WHERE a.name IN ("
            + "'x',".repeat(440)
            + "'y')"
            + " UNION ALL SELECT 1".repeat(5),
        "SqlLimits.withOperationsMax",
        SMALL.withOperationsMax(100_000));
  }

  @Test
  void theSizeOfAResultIsLimitedAndWhatReturnedItIsRolledBack() {
    String many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) ";
    try (HandRaft raft = leader("a", SMALL);
        Session session = raft.session("app.db")) {
      String text = "larger than the limit of 50000 bytes";
      session.execute("CREATE TABLE t(v)");
      assertThatThrownBy(() -> session.query(many + "SELECT i FROM n"))
          .isInstanceOf(SqliteException.class)
          .hasMessageContaining(text)
          .hasMessageContaining("SqlLimits.withResultBytesMax");
      String insert = many + "INSERT INTO t SELECT i FROM n RETURNING v";
      assertThatThrownBy(() -> session.execute(insert)).hasMessageContaining(text);
      assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isZero();
      session.begin();
      session.execute("INSERT INTO t VALUES (1)");
      assertThatThrownBy(() -> session.query(many + "SELECT i FROM n")).hasMessageContaining(text);
      assertThat(session.query("SELECT count(*) FROM t").single().getLong(0)).isEqualTo(1);
      assertThatThrownBy(() -> session.execute(insert))
          .hasMessageContaining(text)
          .hasMessageContaining("rolled the whole transaction back");
      session.rollback();
      session.execute("INSERT INTO t VALUES (2)");
      assertThat(session.query("SELECT v FROM t").single().getLong(0)).isEqualTo(2);
      assertThat(raft.failure()).isNull();
    }
    try (HandRaft raft = leader("b", SMALL.withResultBytesMax(1 << 20));
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      assertThat(session.query(many + "SELECT i FROM n").size()).isEqualTo(5_000);
    }
  }

  @Test
  void vacuumWorksThoughNothingMayBeAttached() {
    try (HandRaft raft = leader("a", SMALL);
        Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
      session.execute("VACUUM");
      assertThatThrownBy(() -> session.execute("ATTACH '' AS a"))
          .hasMessageContaining("ATTACH and VACUUM INTO are refused");
    }
  }

  @Test
  void limitsBeyondWhatSqliteOrAValueInMemoryAllowsAreRefused() {
    SqlLimits usual = SqlLimits.DEFAULT;
    assertThatThrownBy(() -> usual.withSqlBytesMax(1)).hasMessageContaining("sqlBytesMax");
    assertThatThrownBy(() -> usual.withValueBytesMax(1_000_000_001))
        .hasMessageContaining("valueBytesMax");
    assertThatThrownBy(() -> usual.withResultBytesMax(0)).hasMessageContaining("resultBytesMax");
    assertThatThrownBy(() -> usual.withExpressionDepthMax(1_001))
        .hasMessageContaining("expressionDepthMax");
    assertThatThrownBy(() -> usual.withParametersMax(40_000)).hasMessageContaining("parametersMax");
    assertThatThrownBy(() -> usual.withOperationsMax(1)).hasMessageContaining("operationsMax");
  }
}
