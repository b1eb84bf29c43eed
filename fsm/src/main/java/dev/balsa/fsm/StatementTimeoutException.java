package dev.balsa.fsm;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteException;
import java.time.Duration;

/**
 * A statement ran for longer than its session allows ({@link SessionOptions#statementTimeout}) and
 * was interrupted. It changed nothing; a transaction that it wrote in is rolled back as a whole, as
 * SQLite does it, and the message says so. The session goes on.
 */
public final class StatementTimeoutException extends SqliteException {
  private static final long serialVersionUID = 1L;

  private final Duration timeout;

  StatementTimeoutException(Duration timeout, String note) {
    super(
        ResultCode.INTERRUPT,
        "timed out: the statement ran for longer than "
            + timeout
            + " (SessionOptions.withStatementTimeout)"
            + note);
    this.timeout = timeout;
  }

  /** How long the statement might run. */
  public Duration timeout() {
    return timeout;
  }
}
