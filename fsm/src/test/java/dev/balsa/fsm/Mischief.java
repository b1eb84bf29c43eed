package dev.balsa.fsm;

import java.util.Locale;
import java.util.Random;

/** A grammar of SQL that should not be allowed, or only just. */
final class Mischief {
  private static final String[] PRAGMAS = {
    "journal_mode",
    "locking_mode",
    "synchronous",
    "page_size",
    "wal_autocheckpoint",
    "wal_checkpoint",
    "writable_schema",
    "schema_version",
    "trusted_schema",
    "foreign_keys",
    "defer_foreign_keys",
    "optimize",
    "query_only",
    "mmap_size",
    "cache_size",
    "cache_spill",
    "recursive_triggers",
    "ignore_check_constraints",
    "temp_store",
    "encoding",
    "auto_vacuum",
    "incremental_vacuum",
    "user_version",
    "application_id",
    "integrity_check",
    "table_info",
    "database_list",
    "secure_delete",
    "legacy_alter_table",
    "read_uncommitted",
    "data_version",
    "journal_size_limit",
    "max_page_count",
    "case_sensitive_like",
    "reverse_unordered_selects",
    "automatic_index",
    "busy_timeout",
    "threads",
    "hard_heap_limit",
    "analysis_limit"
  };
  private static final String[] VALUES = {
    "0",
    "1",
    "2",
    "-1",
    "on",
    "off",
    "'delete'",
    "memory",
    "normal",
    "exclusive",
    "truncate",
    "full",
    "reset",
    "t",
    "''",
    "65536",
    "0x10002",
    "\"wal\"",
    "NULL"
  };
  private static final String[] SCHEMAS = {"", "", "main.", "temp.", "\"main\".", "MAIN . "};
  private static final String[] FILES = {
    "''",
    "':memory:'",
    "'x.db'",
    "'file:x.db?vfs=unix-none'",
    "'file::memory:?cache=shared'",
    "'a' || '.db'",
    "(SELECT '')",
    "NULL",
    "x''",
    "'/dev/null'",
    "'balsa-nasty-x.db'"
  };
  private static final String[] OBJECTS = {
    "TABLE %sx(a)",
    "TABLE %sx AS SELECT 1 AS a",
    "VIEW %sx AS SELECT 1",
    "VIEW %sx AS SELECT * FROM pragma_optimize",
    "VIEW %sx AS SELECT load_extension('x')",
    "VIRTUAL TABLE %sx USING fts5(a)",
    "VIRTUAL TABLE %sx USING rtree(a, b, c)",
    "INDEX %sx ON t(v)",
    "TRIGGER %sx AFTER INSERT ON t BEGIN DELETE FROM t WHERE v < 0; END",
    "TRIGGER %sx AFTER INSERT ON t BEGIN SELECT load_extension('x'); END"
  };
  private static final String[] TABLES = {
    "t",
    "x",
    "sqlite_schema",
    "sqlite_master",
    "sqlite_temp_schema",
    "temp.sqlite_master",
    "docs",
    "docs_data",
    "docs_config",
    "boxes",
    "boxes_node",
    "sqlite_stat1",
    "sqlite_sequence",
    "pragma_optimize",
    "sqlite_dbpage",
    "dbstat"
  };
  private static final String[] CONTROL = {
    "BEGIN",
    "BEGIN EXCLUSIVE",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT s",
    "RELEASE s",
    "ROLLBACK TO s",
    "VACUUM",
    "VACUUM main",
    "VACUUM temp",
    "DETACH main",
    "DETACH temp",
    "DETACH vacuum_db",
    "ANALYZE",
    "REINDEX",
    "ANALYZE sqlite_schema"
  };
  private static final String[] NOISE = {
    "",
    "",
    "",
    "",
    "EXPLAIN ",
    "EXPLAIN QUERY PLAN ",
    "; ",
    "/* x */ ",
    "-- y\n",
    "\t\n",
    "((",
    "SELECT 1; ",
    "\uFEFF"
  };

  private final Random random;

  Mischief(Random random) {
    this.random = random;
  }

  String statement() {
    String sql = one(NOISE) + core();
    if (random.nextInt(12) == 0) {
      sql += "; " + core();
    }
    return random.nextInt(6) == 0 ? sql.toLowerCase(Locale.ROOT) : sql;
  }

  private String core() {
    return switch (random.nextInt(8)) {
      case 0, 1 -> "PRAGMA " + one(SCHEMAS) + one(PRAGMAS) + argument();
      case 2 ->
          "SELECT * FROM pragma_"
              + one(PRAGMAS)
              + one("", "", "(" + one(VALUES) + ")", "(" + one(VALUES) + ", 'main')");
      case 3 ->
          one(
              "ATTACH " + one(FILES) + " AS other",
              "ATTACH DATABASE " + one(FILES) + " AS temp",
              "VACUUM INTO " + one(FILES),
              "VACUUM main INTO " + one(FILES));
      case 4 -> "CREATE " + one("", "", "TEMP ") + object();
      case 5 -> "DROP " + one("TABLE ", "VIEW ", "INDEX ", "TRIGGER ") + "IF EXISTS x";
      case 6 -> one(CONTROL);
      default -> data();
    };
  }

  private String argument() {
    return one("", "=" + one(VALUES), " = " + one(VALUES), "(" + one(VALUES) + ")");
  }

  private String object() {
    return String.format(Locale.ROOT, one(OBJECTS), one(SCHEMAS));
  }

  private String data() {
    String table = one(TABLES);
    return one(
        "INSERT INTO " + table + " VALUES (1)",
        "INSERT INTO " + table + " VALUES (1, 2, 3)",
        "INSERT INTO " + table + " DEFAULT VALUES RETURNING *",
        "DELETE FROM " + table + " WHERE rowid > 40",
        "SELECT * FROM " + table + " LIMIT 3",
        "UPDATE " + table + " SET rowid = rowid",
        "ALTER TABLE " + table + " RENAME TO x",
        "DROP TABLE " + one("x", "docs_data", "sqlite_stat1", "boxes_node"),
        "INSERT INTO t VALUES (zeroblob(200000))",
        "INSERT INTO t VALUES (zeroblob(9000)) RETURNING v, " + "v, ".repeat(200) + "v",
        "INSERT INTO docs(docs) VALUES ('" + one("rebuild", "optimize", "integrity-check") + "')",
        "SELECT " + one("load_extension", "fts3_tokenizer", "randomblob") + "('x')");
  }

  private String one(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
