package dev.balsa.fsm;

import dev.balsa.sqlite.Authorizer;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What SQL of the application may do (https://sqlite.org/c3ref/c_alter_table.html lists the
 * actions). Refused is what would go round replication (other files, temporary objects), what would
 * change how SQLite keeps the files, and transaction control, which belongs to the session. An
 * action that is not known here is refused.
 *
 * <p>SQLite asks when a statement is compiled, not when it runs again. So what is allowed only
 * because of the moment, such as a savepoint within a transaction, must not be kept compiled:
 * {@link #allowedByContext}.
 *
 * <p>One for each connection, used under that connection's lock.
 */
final class SqlGuard implements Authorizer {
  private static final int CREATE_TEMP_INDEX = 3;
  private static final int CREATE_TEMP_VIEW = 6;
  private static final int DROP_TEMP_INDEX = 12;
  private static final int DROP_TEMP_VIEW = 15;
  private static final int INSERT = 18;
  private static final int PRAGMA = 19;
  private static final int READ = 20;
  private static final int TRANSACTION = 22;
  private static final int ATTACH = 24;
  private static final int DETACH = 25;
  private static final int CREATE_VTABLE = 29;
  private static final int FUNCTION = 31;
  private static final int SAVEPOINT = 32;
  private static final int LAST_KNOWN = 33;

  /** Functions that reach out of the database; only the first is in SQLite's own library. */
  private static final Set<String> REFUSED_FUNCTIONS =
      Set.of("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit");

  /** How the refusal of what a reader cannot do ends, if a writer could. */
  static final String WRITES = " writes: use execute()";

  private static final String TEMPORARY =
      "temporary tables, indexes, triggers and views are refused, since they are not replicated:"
          + " use WITH, or an ordinary table";

  private final boolean writes;
  private boolean engine;
  private boolean vacuum;
  private boolean inTransaction;
  private boolean allowedByContext;
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
   * One statement of the application follows.
   *
   * @param isVacuum whether the statement is a VACUUM, which attaches a nameless file and begins a
   *     transaction of its own
   * @param inTransaction whether savepoints make sense
   */
  void application(boolean isVacuum, boolean inTransaction) {
    engine = false;
    vacuum = isVacuum;
    this.inTransaction = inTransaction;
    allowedByContext = false;
    refusal = null;
  }

  /** Why the last statement was refused; null if it was not. */
  @Nullable String refusal() {
    return refusal;
  }

  /** Whether the last statement was allowed for what it is at this moment alone. */
  boolean allowedByContext() {
    return allowedByContext;
  }

  @Override
  public Decision authorize(
      int action,
      @Nullable String first,
      @Nullable String second,
      @Nullable String database,
      @Nullable String trigger) {
    String why = engine ? null : reasonAgainst(action, first, second, database);
    if (why == null) {
      return Decision.ALLOW;
    }
    refusal = why;
    return Decision.DENY;
  }

  private @Nullable String reasonAgainst(
      int action, @Nullable String first, @Nullable String second, @Nullable String database) {
    if ((action >= CREATE_TEMP_INDEX && action <= CREATE_TEMP_VIEW)
        || (action >= DROP_TEMP_INDEX && action <= DROP_TEMP_VIEW)) {
      return TEMPORARY;
    }
    return switch (action) {
      // Whatever is made begins with a row in its schema; a virtual table has no kind of its own.
      case INSERT, CREATE_VTABLE -> "temp".equalsIgnoreCase(database) ? TEMPORARY : null;
      case PRAGMA -> pragma(first, second);
      case READ -> first == null ? null : PragmaPolicy.refusalToRead(first);
      case TRANSACTION ->
          onlyIf(
              vacuum && writes,
              "transactions are begun and ended by the session: begin(), commit(), rollback()");
      case SAVEPOINT ->
          onlyIf(writes && inTransaction, "a savepoint needs an open transaction: begin()");
      case ATTACH ->
          onlyIf(
              vacuum && writes && first != null && first.isEmpty(),
              vacuum && !writes
                  ? "VACUUM" + WRITES
                  : "ATTACH and VACUUM INTO are refused: other files are not replicated");
      case DETACH -> onlyIf(vacuum && writes, "DETACH is refused: there are no attached databases");
      case FUNCTION -> function(second);
      default ->
          action >= 0 && action <= LAST_KNOWN ? null : "action " + action + " is not known here";
    };
  }

  private @Nullable String onlyIf(boolean condition, String otherwise) {
    allowedByContext |= condition;
    return condition ? null : otherwise;
  }

  private @Nullable String pragma(@Nullable String name, @Nullable String argument) {
    String pragma = name == null ? "" : name;
    allowedByContext |= PragmaPolicy.needsTransaction(pragma, argument);
    return PragmaPolicy.refusal(pragma, argument, writes, inTransaction);
  }

  private static @Nullable String function(@Nullable String name) {
    return name != null && REFUSED_FUNCTIONS.contains(name.toLowerCase(Locale.ROOT))
        ? name + "() is refused: it reaches out of the database"
        : null;
  }
}
