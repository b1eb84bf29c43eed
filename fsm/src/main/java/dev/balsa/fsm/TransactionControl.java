package dev.balsa.fsm;

import dev.balsa.sqlite.SqlText;
import java.util.List;

/**
 * Statements that begin or end a transaction, which is the session's doing
 * (https://sqlite.org/lang_transaction.html). A statement that is not exactly one of them is {@link
 * #NONE}: SQLite is asked then, and finds a syntax error or another kind of statement; if it found
 * a transaction control after all, {@link SqlGuard} would refuse it.
 */
enum TransactionControl {
  NONE,
  BEGIN,
  BEGIN_DEFERRED,
  /** Also EXCLUSIVE, which is the same in WAL mode. */
  BEGIN_IMMEDIATE,
  COMMIT,
  /** Of the transaction; ROLLBACK TO a savepoint is an ordinary statement. */
  ROLLBACK;

  /** BEGIN IMMEDIATE TRANSACTION and one more, which makes it something else. */
  private static final int WORDS_MAX = 4;

  /** What a text is whose first statement is all there is. */
  static TransactionControl of(String sql) {
    return switch (SqlText.firstKeyword(sql)) {
      case "BEGIN", "COMMIT", "END", "ROLLBACK" -> of(SqlText.words(sql, WORDS_MAX));
      default -> NONE;
    };
  }

  private static TransactionControl of(List<String> words) {
    int last = words.size() - 1;
    List<String> rest =
        last > 0 && "TRANSACTION".equals(words.get(last)) ? words.subList(0, last) : words;
    return switch (String.join(" ", rest)) {
      case "BEGIN" -> BEGIN;
      case "BEGIN DEFERRED" -> BEGIN_DEFERRED;
      case "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE" -> BEGIN_IMMEDIATE;
      case "COMMIT", "END" -> COMMIT;
      case "ROLLBACK" -> ROLLBACK;
      default -> NONE;
    };
  }
}
