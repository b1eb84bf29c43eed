package dev.balsa.sqlite;

import org.jspecify.annotations.Nullable;

/**
 * Decides what statements may do; asked while a statement is prepared, for each thing it would do.
 * It must not use the connection. See https://sqlite.org/c3ref/set_authorizer.html; the action
 * codes are on https://sqlite.org/c3ref/c_alter_table.html.
 */
@FunctionalInterface
public interface Authorizer {
  /** An answer. */
  enum Decision {
    /** Go on. */
    ALLOW,
    /** The whole statement is an error, SQLITE_AUTH. */
    DENY,
    /** Only this is left out: a column reads as NULL, a deletion goes row by row. */
    IGNORE
  }

  /**
   * Decides about one action. Must not throw; what it throws denies, and becomes the cause of the
   * statement's {@link SqliteException}.
   *
   * @param action SQLite's action code
   * @param first the action's first argument, such as a table or a PRAGMA's name
   * @param second its second argument, such as a column or a PRAGMA's argument
   * @param database the schema, such as "main"
   * @param trigger the innermost trigger or view that is the reason, null for the statement's text
   */
  Decision authorize(
      int action,
      @Nullable String first,
      @Nullable String second,
      @Nullable String database,
      @Nullable String trigger);
}
