package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** SQLite itself is the oracle: what it compiles, and where it says that the rest begins. */
class SqlTextTest {
  private SqliteConnection db = SqliteConnectionTest.memory();

  /** What sqlite3_prepare_v3 says of a text. */
  private record Compiled(boolean ok, boolean blank, String head) {}

  @BeforeProperty
  void open() {
    db.close();
    db = SqliteConnectionTest.memory();
    db.execute("CREATE TABLE t(a, b)");
  }

  @AfterProperty
  void close() {
    db.close();
  }

  @Property(tries = 3000)
  void endsTheFirstStatementWhereSqliteDoes(
      @ForAll("space") String before,
      @ForAll("statement") String first,
      @ForAll("space") String between,
      @ForAll("statement") String second) {
    String sql = before + first + ";" + between + second;
    Compiled compiled = compile(sql);
    assertThat(compiled.ok()).as(sql).isTrue();
    assertThat(sql.substring(0, SqlText.firstStatementEnd(sql))).isEqualTo(compiled.head());
    assertThat(SqlText.hasMoreThanOneStatement(sql)).isTrue();
    assertThat(SqlText.isBlank(sql)).isFalse();
    assertThat(SqlText.statements(sql))
        .containsExactly(compiled.head(), sql.substring(compiled.head().length()));
    assertThat(SqlText.words(sql, 1)).containsExactly(SqlText.firstKeyword(sql));
    assertThat(SqlText.hasMoreThanOneStatement(before + first)).isFalse();
    assertThat(SqlText.hasMoreThanOneStatement(before + first + ";" + between)).isFalse();
  }

  @Property(tries = 3000)
  void findsTheFirstKeyword(
      @ForAll("space") String before,
      @ForAll("statement") String first,
      @ForAll("space") String after) {
    String keyword = SqlText.firstKeyword(before + first + after);
    assertThat(first).startsWithIgnoringCase(keyword);
    assertThat(keyword)
        .isIn("SELECT", "VALUES", "INSERT", "CREATE", "EXPLAIN", "UPDATE", "WITH", "DELETE");
  }

  @Property(tries = 5000)
  void saysOfAnyTextWhetherSqliteFindsNoStatementInIt(@ForAll("characters") String text) {
    Compiled compiled = compile(text);
    if (compiled.ok()) {
      assertThat(SqlText.isBlank(text)).isEqualTo(compiled.blank());
      assertThat(text.substring(0, SqlText.firstStatementEnd(text))).isEqualTo(compiled.head());
    } else {
      assertThat(SqlText.isBlank(text)).isFalse();
    }
  }

  @Property(tries = 3000)
  void isDefinedForAnyText(@ForAll String text) {
    int end = SqlText.firstStatementEnd(text);
    assertThat(end).isBetween(0, text.length());
    assertThat(SqlText.firstKeyword(text)).isNotNull();
    assertThat(SqlText.words(text, 3)).hasSizeLessThanOrEqualTo(3);
    String all = String.join("", SqlText.statements(text));
    assertThat(text).startsWith(all);
    assertThat(SqlText.isBlank(text.substring(all.length()))).isTrue();
    if (SqlText.isBlank(text)) {
      assertThat(end).isEqualTo(text.length());
      assertThat(SqlText.firstKeyword(text)).isEmpty();
    }
  }

  @Example
  void firstKeywords() {
    assertThat(SqlText.firstKeyword(" /* x */ -- y\n;\tselect 1")).isEqualTo("SELECT");
    assertThat(SqlText.firstKeyword("PRAGMA(x)")).isEqualTo("PRAGMA");
    assertThat(SqlText.firstKeyword("")).isEmpty();
    assertThat(SqlText.firstKeyword("(select 1)")).isEmpty();
    assertThat(SqlText.firstKeyword("\uFEFFbegin")).isEqualTo("BEGIN");
    assertThat(SqlText.firstKeyword("/* unclosed select")).isEmpty();
  }

  private Compiled compile(String sql) {
    byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
    try (NativeScratch scratch = new NativeScratch()) {
      long at = scratch.put(bytes);
      int code =
          Sqlite3.sqlite3_prepare_v3(
              db.handle(), at, bytes.length + 1, 0, scratch.out0(), scratch.out1());
      long statement = scratch.long0();
      Sqlite3.sqlite3_finalize(statement);
      int used = code == 0 ? (int) (scratch.long1() - at) : 0;
      return new Compiled(
          code == 0, statement == 0, new String(bytes, 0, used, StandardCharsets.UTF_8));
    }
  }

  @Provide
  Arbitrary<String> space() {
    return Arbitraries.of(
            " ",
            "\n",
            "\t",
            "\f",
            "\r\n",
            " \u000B",
            "\uFEFF",
            ";",
            "-- it's; \"x\n",
            "--\n",
            "/* ' ; */",
            "/**/",
            "/*/*/",
            "/* -- */")
        .list()
        .ofMaxSize(4)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> statement() {
    Arbitrary<String> value =
        Arbitraries.of(
            "1",
            "';'",
            "'it''s;'",
            "x'3b3b'",
            ":v",
            "$v::w(;')",
            "@p",
            "?1",
            "/* ; */ 2",
            "CASE WHEN 1 THEN ';' END",
            "'\u4F60;'",
            "1 -- ;\n",
            "(SELECT 3)");
    Arbitrary<String> values =
        value.list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join(", ", parts));
    Arbitrary<String> template =
        Arbitraries.of(
            "SELECT %s",
            "select %s, 1 AS \"a;\"\"b\", 2 [c;d], 3 AS `;``e`",
            "VALUES (%s)",
            "INSERT INTO t(a) SELECT 1 WHERE 1 IN (%s)",
            "UPDATE t SET a = 1 WHERE 2 IN (%s)",
            "DELETE FROM t WHERE 2 IN (%s)",
            "WITH c AS (SELECT 1) SELECT %s",
            "EXPLAIN QUERY PLAN SELECT %s",
            "CREATE TABLE s(a)",
            "CREATE TEMP TABLE trigger_(a)",
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN ';' END; END",
            "create /* ; */ temp trigger g after insert on t begin delete from t; select 1 ; end",
            "EXPLAIN CREATE TEMPORARY TRIGGER g AFTER UPDATE ON t BEGIN SELECT 1;SELECT 2;END");
    return Combinators.combine(template, values)
        .as((text, of) -> text.replace("%s", text.startsWith("CREATE") ? "" : of));
  }

  @Provide
  Arbitrary<String> characters() {
    return Arbitraries.of(
            " ",
            "\n",
            "\u000B",
            "\uFEFF",
            ";",
            "-",
            "--",
            "/",
            "*",
            "/*",
            "*/",
            "'",
            "\"",
            "[",
            "]",
            "`",
            "$",
            ":",
            "(",
            ")",
            "x",
            "1",
            "SELECT",
            "SELECT 1",
            "BEGIN",
            "END",
            "CREATE")
        .list()
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }
}
