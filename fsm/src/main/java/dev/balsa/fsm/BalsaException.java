package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/**
 * Something other than SQL went wrong. What it means for a transaction is said by the subclass:
 * {@link NotAppliedException} or {@link OutcomeUnknownException}. Errors of SQL are {@link
 * dev.balsa.sqlite.SqliteException}s.
 */
public class BalsaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public BalsaException(String message) {
    super(message);
  }

  /** Creates the exception. */
  public BalsaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
