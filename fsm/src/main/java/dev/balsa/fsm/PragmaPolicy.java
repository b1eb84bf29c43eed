package dev.balsa.fsm;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which PRAGMAs the application may use (https://sqlite.org/pragma.html). What is not named here is
 * refused: connections are shared by all sessions, and what a PRAGMA sets would outlive the session
 * that set it, or change how SQLite keeps the files.
 *
 * <p>Of a table-valued function {@code pragma_...} SQLite asks twice: whether that table may be
 * read, when the statement is compiled, and about the PRAGMA itself, when the statement runs.
 */
final class PragmaPolicy {
  private static final String TABLE_PREFIX = "pragma_";

  /** Without an argument they only read. */
  private static final Set<String> READING =
      Set.of(
          "analysis_limit",
          "application_id",
          "auto_vacuum",
          "automatic_index",
          "busy_timeout",
          "cache_size",
          "cache_spill",
          "collation_list",
          "compile_options",
          "data_version",
          "database_list",
          "defer_foreign_keys",
          "encoding",
          "foreign_key_check",
          "foreign_key_list",
          "foreign_keys",
          "freelist_count",
          "function_list",
          "index_info",
          "index_list",
          "index_xinfo",
          "integrity_check",
          "journal_mode",
          "journal_size_limit",
          "locking_mode",
          "max_page_count",
          "mmap_size",
          "module_list",
          "page_count",
          "page_size",
          "pragma_list",
          "query_only",
          "quick_check",
          "recursive_triggers",
          "schema_version",
          "secure_delete",
          "synchronous",
          "table_info",
          "table_list",
          "table_xinfo",
          "temp_store",
          "threads",
          "trusted_schema",
          "user_version",
          "wal_autocheckpoint",
          "writable_schema");

  /** Those of them whose argument is no new value but names what is asked about. */
  private static final Set<String> WITH_OPERAND =
      Set.of(
          "foreign_key_check",
          "foreign_key_list",
          "index_info",
          "index_list",
          "index_xinfo",
          "integrity_check",
          "quick_check",
          "table_info",
          "table_list",
          "table_xinfo");

  /** They change the database like any other statement: replicated, rolled back. */
  private static final Set<String> WRITING =
      Set.of("application_id", "auto_vacuum", "incremental_vacuum", "user_version");

  /** What to do instead. */
  private static final Map<String, String> INSTEAD = instead();

  private PragmaPolicy() {}

  private static Map<String, String> instead() {
    Map<String, String> instead = new HashMap<>();
    String files = "how the files are written is what replication rests on";
    for (String pragma :
        new String[] {
          "journal_mode", "locking_mode", "synchronous", "fullfsync", "checkpoint_fullfsync"
        }) {
      instead.put(pragma, files);
    }
    String checkpoints = "the node makes checkpoints itself";
    instead.put("wal_checkpoint", checkpoints);
    instead.put("wal_autocheckpoint", checkpoints);
    instead.put("journal_size_limit", checkpoints);
    instead.put("page_size", "it is given when a database is made (FsmConfig.pageSize)");
    instead.put("encoding", "databases are made in UTF-8");
    instead.put("foreign_keys", "use SessionOptions.withForeignKeys");
    instead.put("defer_foreign_keys", "it needs an open transaction: begin()");
    instead.put("busy_timeout", "use SessionOptions.withTimeout");
    instead.put("optimize", "run ANALYZE");
    String schema = "the schema is changed by CREATE, ALTER and DROP";
    instead.put("writable_schema", schema);
    instead.put("schema_version", schema);
    instead.put("trusted_schema", "views and triggers may only use harmless functions");
    instead.put("query_only", "use query() to read and execute() to write");
    return instead;
  }

  /**
   * Why a PRAGMA is refused.
   *
   * @param argument null if it has none
   * @param writes whether the connection is a writer's
   * @param inTransaction whether a transaction of the session is open on it
   * @return null if it is not
   */
  static @Nullable String refusal(
      String name, @Nullable String argument, boolean writes, boolean inTransaction) {
    String pragma = name.toLowerCase(Locale.ROOT);
    boolean allowed =
        (READING.contains(pragma) && (argument == null || WITH_OPERAND.contains(pragma)))
            || (writes && WRITING.contains(pragma))
            || (writes && needsTransaction(pragma, argument) && inTransaction);
    if (allowed) {
      return null;
    }
    if (!writes && WRITING.contains(pragma)) {
      return "PRAGMA " + pragma + SqlGuard.WRITES;
    }
    return "PRAGMA "
        + pragma
        + (READING.contains(pragma) ? " cannot be changed: " : " is refused: ")
        + INSTEAD.getOrDefault(pragma, "it would change a connection that all sessions share");
  }

  /** Whether what it sets lasts until the transaction ends, so that there must be one. */
  static boolean needsTransaction(String name, @Nullable String argument) {
    return "defer_foreign_keys".equalsIgnoreCase(name) && argument != null;
  }

  /** Why reading a table is refused: null but for a PRAGMA in the form of a table. */
  static @Nullable String refusalToRead(String table) {
    String name = table.toLowerCase(Locale.ROOT);
    if (!name.startsWith(TABLE_PREFIX)) {
      return null;
    }
    String pragma = name.substring(TABLE_PREFIX.length());
    // Of other names, which may be tables of the application's own, SQLite asks again if need be.
    return INSTEAD.containsKey(pragma) && !READING.contains(pragma)
        ? refusal(pragma, null, false, false)
        : null;
  }
}
