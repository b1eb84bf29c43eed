package dev.balsa.sqlite;

import org.jspecify.annotations.Nullable;

/**
 * The SQLite library is missing or not fit for use. The message is one sentence for the operator.
 */
public final class SqliteLibraryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SqliteLibraryException(String message) {
    super(message);
  }

  SqliteLibraryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
