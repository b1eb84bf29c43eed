package dev.balsa.fsm;

import dev.balsa.sqlite.Authorizer;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What SQL of the application may do (https://sqlite.org/c3ref/c_alter_table.html lists the
 * actions). Refused is what would go round replication (other files, temporary objects), what would
 * change how SQLite keeps the files, and transaction control, which belongs to the session.
 *
 * <p>One for each connection, used under that connection's lock.
 */
final class SqlGuard implements Authorizer {
  private static final int CREATE_TEMP_INDEX = 3;
  private static final int CREATE_TEMP_VIEW = 6;
  private static final int DROP_TEMP_INDEX = 12;
  private static final int DROP_TEMP_VIEW = 15;
  private static final int PRAGMA = 19;
  private static final int TRANSACTION = 22;
  private static final int ATTACH = 24;
  private static final int DETACH = 25;
  private static final int CREATE_VTABLE = 29;
  private static final int FUNCTION = 31;
  private static final int SAVEPOINT = 32;

  /** Pragmas that only read. */
  private static final Set<String> READING_PRAGMAS =
      Set.of(
          "application_id",
          "auto_vacuum",
          "collation_list",
          "compile_options",
          "data_version",
          "database_list",
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
          "max_page_count",
          "module_list",
          "page_count",
          "page_size",
          "pragma_list",
          "quick_check",
          "schema_version",
          "synchronous",
          "table_info",
          "table_list",
          "table_xinfo",
          "user_version");

  /** Those of them whose argument is no new value but names what is asked about. */
  private static final Set<String> PRAGMAS_WITH_OPERAND =
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

  /** Pragmas that change the database like any other statement: replicated, rolled back. */
  private static final Set<String> WRITING_PRAGMAS =
      Set.of("application_id", "user_version", "incremental_vacuum", "auto_vacuum");

  private final boolean writes;
  private boolean engine;
  private boolean vacuum;
  private boolean savepoints;
  private @Nullable String refusal;

  /**
   * Creates a guard.
   *
   * @param writes whether the connection is a writer's
   */
  SqlGuard(boolean writes) {
    this.writes = writes;
  }

  /** Statements of our own follow, until {@link #application}: all is allowed. */
  void engine() {
    engine = true;
  }

  /**
   * Statements of the application follow.
   *
   * @param isVacuum whether the statement is a VACUUM, which attaches a nameless file and begins a
   *     transaction of its own
   * @param inTransaction whether savepoints make sense
   */
  void application(boolean isVacuum, boolean inTransaction) {
    engine = false;
    vacuum = isVacuum;
    savepoints = inTransaction;
    refusal = null;
  }

  /** Why the last statement was refused; null if it was not. */
  @Nullable String refusal() {
    return refusal;
  }

  @Override
  public Decision authorize(
      int action,
      @Nullable String first,
      @Nullable String second,
      @Nullable String database,
      @Nullable String trigger) {
    String why = engine ? null : reasonAgainst(action, first, second);
    if (why == null) {
      return Decision.ALLOW;
    }
    refusal = why;
    return Decision.DENY;
  }

  private @Nullable String reasonAgainst(
      int action, @Nullable String first, @Nullable String second) {
    if ((action >= CREATE_TEMP_INDEX && action <= CREATE_TEMP_VIEW)
        || (action >= DROP_TEMP_INDEX && action <= DROP_TEMP_VIEW)) {
      return "temporary tables, indexes, triggers and views are not replicated, and refused";
    }
    return switch (action) {
      case PRAGMA -> pragma(first, second);
      case TRANSACTION ->
          vacuum
              ? null
              : "transactions are begun and ended by the session: begin(), commit(), rollback()";
      case SAVEPOINT -> savepoints ? null : "a savepoint needs an open transaction: begin()";
      case ATTACH ->
          vacuum && (first == null || first.isEmpty())
              ? null
              : "ATTACH and VACUUM INTO are refused: other files are not replicated";
      case DETACH -> vacuum ? null : "DETACH is refused: there are no attached databases";
      case CREATE_VTABLE -> null;
      case FUNCTION ->
          "load_extension".equalsIgnoreCase(second) ? "extensions cannot be loaded" : null;
      default -> null;
    };
  }

  private @Nullable String pragma(@Nullable String name, @Nullable String argument) {
    String pragma = name == null ? "" : name.toLowerCase(Locale.ROOT);
    if (writes && WRITING_PRAGMAS.contains(pragma)) {
      return null;
    }
    if (READING_PRAGMAS.contains(pragma)
        && (argument == null || PRAGMAS_WITH_OPERAND.contains(pragma))) {
      return null;
    }
    return argument == null || !READING_PRAGMAS.contains(pragma)
        ? "PRAGMA " + pragma + " is refused in a replicated database"
        : "PRAGMA "
            + pragma
            + " cannot be changed here"
            + ("foreign_keys".equals(pragma) ? ": use SessionOptions.withForeignKeys" : "");
  }
}
