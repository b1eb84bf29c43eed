package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.math.BigDecimal;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SqliteStatementTest {
  private SqliteConnection db = SqliteConnectionTest.memory();

  @BeforeEach
  void makeATable() {
    db.execute("CREATE TABLE t(a UNIQUE, b)");
  }

  @AfterEach
  void close() {
    db.close();
  }

  @Test
  void runsAgainAfterResetWithTheSameBindings() {
    try (SqliteStatement query = db.prepare("SELECT ?1 + 1")) {
      query.bind(1, 41);
      for (int i = 0; i < 3; i++) {
        assertThat(query.step()).isTrue();
        assertThat(query.column(0)).isEqualTo(42L);
        assertThat(query.step()).isFalse();
        query.reset();
      }
      query.clearBindings();
      assertThat(query.step()).isTrue();
      assertThat(query.column(0)).isNull();
    }
  }

  @Test
  void bindsEveryNumberAsItsSqliteType() {
    try (SqliteStatement query = db.prepare("SELECT typeof(?1), ?1")) {
      for (Object one : List.of(1L, 1, (short) 1, (byte) 1, true)) {
        assertThat(typeAndValue(query, one)).isEqualTo("integer 1");
      }
      assertThat(typeAndValue(query, false)).isEqualTo("integer 0");
      assertThat(typeAndValue(query, 0.5f)).isEqualTo("real 0.5");
      assertThat(typeAndValue(query, 0.5)).isEqualTo("real 0.5");
    }
  }

  private static String typeAndValue(SqliteStatement query, Object value) {
    query.bind(1, value);
    assertThat(query.step()).isTrue();
    String found = query.columnText(0) + " " + query.column(1);
    query.reset();
    return found;
  }

  @Test
  void refusesOtherTypesByName() {
    try (SqliteStatement query = db.prepare("SELECT ?")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> query.bind(1, BigDecimal.ONE))
          .withMessage("parameter 1: SQLite has no type for a java.math.BigDecimal");
    }
  }

  @Test
  void refusesAParameterThatIsNotThere() {
    try (SqliteStatement query = db.prepare("SELECT ?")) {
      for (int index : new int[] {-1, 0, 2}) {
        assertThatExceptionOfType(SqliteException.class)
            .isThrownBy(() -> query.bind(index, "x"))
            .withMessageStartingWith("SQLITE_RANGE")
            .matches(e -> e.resultCode() == ResultCode.RANGE);
      }
    }
  }

  @Test
  void findsParametersByName() {
    try (SqliteStatement query = db.prepare("SELECT :a, @b, $c, ?7, :a")) {
      assertThat(query.parameterCount()).isEqualTo(7);
      assertThat(query.parameterIndex(":a")).isEqualTo(1);
      assertThat(query.parameterIndex("@b")).isEqualTo(2);
      assertThat(query.parameterIndex("$c")).isEqualTo(3);
      assertThat(query.parameterIndex("a")).isZero();
      assertThatIllegalArgumentException().isThrownBy(() -> query.parameterIndex(":a\0"));
    }
  }

  @Test
  void namesItsColumns() {
    try (SqliteStatement query = db.prepare("SELECT 1 AS \"größe\", b FROM t")) {
      assertThat(query.columnCount()).isEqualTo(2);
      assertThat(query.columnName(0)).isEqualTo("größe");
      assertThat(query.columnName(1)).isEqualTo("b");
      for (int index : new int[] {-1, 2}) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> query.columnName(index));
      }
    }
    try (SqliteStatement insert = db.prepare("INSERT INTO t VALUES (1, 2)")) {
      assertThat(insert.columnCount()).isZero();
    }
  }

  @Test
  void seesAColumnThatTheSchemaGotMeanwhile() {
    db.execute("INSERT INTO t VALUES (1, 2)");
    try (SqliteStatement query = db.prepare("SELECT * FROM t")) {
      assertThat(query.columnNames()).containsExactly("a", "b");
      db.execute("ALTER TABLE t ADD COLUMN c DEFAULT 3");
      assertThat(query.step()).isTrue();
      assertThat(query.columnCount()).isEqualTo(3);
      assertThat(query.columnNames()).containsExactly("a", "b", "c");
      assertThat(query.column(2)).isEqualTo(3L);
      query.reset();
      db.execute("ALTER TABLE t RENAME COLUMN c TO d");
      assertThat(query.step()).isTrue();
      assertThat(query.columnNames()).containsExactly("a", "b", "d");
    }
  }

  @Test
  void convertsAsSqliteDoes() {
    try (SqliteStatement query = db.prepare("SELECT '12abc', 2.9, NULL, x'4142', x''")) {
      assertThat(query.step()).isTrue();
      assertThat(query.columnType(0)).isEqualTo(ColumnType.TEXT);
      assertThat(query.columnLong(0)).isEqualTo(12);
      assertThat(query.columnType(1)).isEqualTo(ColumnType.FLOAT);
      assertThat(query.columnLong(1)).isEqualTo(2);
      assertThat(query.columnType(2)).isEqualTo(ColumnType.NULL);
      assertThat(query.columnLong(2)).isZero();
      assertThat(query.columnDouble(2)).isZero();
      assertThat(query.columnText(2)).isNull();
      assertThat(query.columnBlob(2)).isNull();
      assertThat(query.columnType(3)).isEqualTo(ColumnType.BLOB);
      assertThat(query.columnText(3)).isEqualTo("AB");
      assertThat(query.columnBlob(4)).isEmpty();
      assertThat(query.columnText(4)).isEmpty();
    }
  }

  @Test
  void malformedTextComesBackWithReplacementCharacters() {
    assertThat(db.queryText("SELECT CAST(x'41ff42' AS TEXT)")).isEqualTo("A\uFFFDB");
  }

  @Test
  void aColumnNeedsACurrentRow() {
    try (SqliteStatement query = db.prepare("SELECT 1")) {
      assertThatIllegalStateException().isThrownBy(() -> query.column(0));
      assertThat(query.step()).isTrue();
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> query.column(1))
          .withMessage("column 1 of 1");
      assertThat(query.step()).isFalse();
      assertThatIllegalStateException().isThrownBy(() -> query.column(0));
    }
  }

  @Test
  void doesNotRunAgainWithoutAReset() {
    try (SqliteStatement insert = db.prepare("INSERT INTO t VALUES (?, 0)")) {
      insert.bind(1, 1);
      assertThat(insert.step()).isFalse();
      assertThatIllegalStateException().isThrownBy(insert::step);
      assertThatIllegalStateException().isThrownBy(() -> insert.bind(1, 2));
      assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
    }
  }

  @Test
  void anErrorIsReportedOnceAndResetMakesItReady() {
    db.execute("INSERT INTO t VALUES (1, 0)");
    try (SqliteStatement insert = db.prepare("INSERT INTO t VALUES (?, 0)")) {
      insert.bind(1, 1);
      SqliteConnectionTest.assertFails(insert::step, "SQLITE_CONSTRAINT_UNIQUE");
      assertThatIllegalStateException().isThrownBy(insert::step);
      insert.reset();
      insert.bind(1, 2);
      assertThat(insert.step()).isFalse();
      insert.reset();
      insert.bind(1, 2);
      SqliteConnectionTest.assertFails(insert::step, "SQLITE_CONSTRAINT_UNIQUE");
    }
    assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(2);
  }

  @Test
  void endingAReturningStatementEarlyCommitsIt() {
    try (SqliteStatement insert = db.prepare("INSERT INTO t VALUES (1, 2), (2, 3) RETURNING a")) {
      assertThat(insert.step()).isTrue();
      assertThat(db.autocommit()).isTrue();
      insert.reset();
    }
    assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(2);
  }

  @Test
  void aCommitThatFailsInResetIsReportedThere() {
    db.dbConfig(DbConfig.ENABLE_FKEY, true);
    db.execute("CREATE TABLE c(a REFERENCES t(a) DEFERRABLE INITIALLY DEFERRED)");
    try (SqliteStatement insert = db.prepare("INSERT INTO c VALUES (7) RETURNING a")) {
      assertThat(insert.step()).isTrue();
      SqliteConnectionTest.assertFails(insert::reset, "SQLITE_CONSTRAINT_FOREIGNKEY");
      assertThat(insert.step()).isTrue();
      SqliteConnectionTest.assertFails(insert::close, "SQLITE_CONSTRAINT_FOREIGNKEY");
    }
    assertThat(db.queryLong("SELECT count(*) FROM c")).isZero();
  }

  @Test
  void knowsWhetherItWrites() {
    try (SqliteStatement query = db.prepare("SELECT 1");
        SqliteStatement insert = db.prepare("INSERT INTO t VALUES (1, 2)")) {
      assertThat(query.readOnly()).isTrue();
      assertThat(insert.readOnly()).isFalse();
      assertThat(query.sql()).isEqualTo("SELECT 1");
    }
  }

  @Test
  void everyUseAfterCloseIsAnIllegalState() {
    SqliteStatement closed = db.prepare("SELECT ?");
    assertThat(closed.step()).isTrue();
    closed.close();
    closed.close();
    List<ThrowingCallable> uses =
        List.of(
            () -> closed.bind(1, 1),
            () -> closed.bind(1, 1.5),
            () -> closed.bind(1, "x"),
            () -> closed.bind(1, new byte[1]),
            () -> closed.bind(1, null),
            closed::clearBindings,
            closed::parameterCount,
            () -> closed.parameterIndex(":a"),
            closed::step,
            closed::reset,
            closed::readOnly,
            closed::columnCount,
            () -> closed.columnName(0),
            () -> closed.columnType(0),
            () -> closed.column(0),
            () -> closed.columnLong(0),
            () -> closed.columnDouble(0),
            () -> closed.columnText(0),
            () -> closed.columnBlob(0));
    assertThat(uses)
        .allSatisfy(
            use ->
                assertThatIllegalStateException()
                    .isThrownBy(use)
                    .withMessage("the statement is closed: SELECT ?"));
  }
}
