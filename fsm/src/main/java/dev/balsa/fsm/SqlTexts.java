package dev.balsa.fsm;

import dev.balsa.sqlite.SqlText;
import org.jspecify.annotations.Nullable;

/**
 * What the texts say that a session runs, as far as it must know before it runs them. The latest
 * ones are remembered: a session mostly runs a few again and again, and would read each one three
 * times. Used under its session's lock.
 */
final class SqlTexts {
  /** A power of two. */
  private static final int REMEMBERED = 16;

  /** Longer ones are not kept in memory. */
  private static final int REMEMBERED_CHARS_MAX = 2_000;

  private final @Nullable Known[] known = new Known[REMEMBERED];

  /**
   * What a text says.
   *
   * @param several whether there is more than one statement
   * @param control what the first one does to the transaction
   * @param keyword its first word, as {@link SqlText#firstKeyword}
   */
  record Known(String sql, boolean several, TransactionControl control, String keyword) {}

  Known of(String sql) {
    int hash = sql.hashCode();
    int place = (hash ^ hash >>> 16) & (REMEMBERED - 1);
    Known there = known[place];
    if (there != null && there.sql.equals(sql)) {
      return there;
    }
    Known read =
        new Known(
            sql,
            SqlText.hasMoreThanOneStatement(sql),
            TransactionControl.of(sql),
            SqlText.firstKeyword(sql));
    if (sql.length() <= REMEMBERED_CHARS_MAX) {
      known[place] = read;
    }
    return read;
  }
}
