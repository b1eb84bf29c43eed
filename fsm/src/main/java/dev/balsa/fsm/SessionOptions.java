package dev.balsa.fsm;

import java.time.Duration;

/**
 * How a session behaves.
 *
 * @param readMode what queries outside of transactions promise
 * @param timeout how long a call may wait: for the writer slot, for Raft's decision, for a read's
 *     confirmation, for a bookmark
 * @param statementTimeout how long a statement may run, waiting not counted: then it is interrupted
 *     ({@link StatementTimeoutException}). A statement that writes holds up all others that write
 * @param foreignKeys whether foreign keys are enforced in this session's writes
 * @param readOnly whether the session refuses all that writes (SQLITE_READONLY), before it waits
 *     for anybody; its transactions are deferred
 * @param bookmark the state that the session must see at least, on whatever node
 */
public record SessionOptions(
    ReadMode readMode,
    Duration timeout,
    Duration statementTimeout,
    boolean foreignKeys,
    boolean readOnly,
    Bookmark bookmark) {
  /**
   * Linearizable reads, ten seconds to wait and thirty for a statement, foreign keys as SQLite has
   * them by default (off).
   */
  public static final SessionOptions DEFAULT =
      new SessionOptions(
          ReadMode.LINEARIZABLE,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          false,
          false,
          Bookmark.NONE);

  /** For reading on any node, without asking the leader. */
  public static final SessionOptions STALE = DEFAULT.withReadMode(ReadMode.STALE);

  /** For a session that does not write; {@code READ_ONLY.withReadMode(STALE)} reads on any node. */
  public static final SessionOptions READ_ONLY = DEFAULT.withReadOnly(true);

  /** Checks the timeouts. */
  public SessionOptions {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("a session's timeout must be positive: " + timeout);
    }
    if (statementTimeout.isNegative() || statementTimeout.isZero()) {
      throw new IllegalArgumentException(
          "a statement's timeout must be positive: " + statementTimeout);
    }
  }

  /** The same with another read mode. */
  public SessionOptions withReadMode(ReadMode readMode) {
    return new SessionOptions(readMode, timeout, statementTimeout, foreignKeys, readOnly, bookmark);
  }

  /** The same with another timeout. */
  public SessionOptions withTimeout(Duration timeout) {
    return new SessionOptions(readMode, timeout, statementTimeout, foreignKeys, readOnly, bookmark);
  }

  /** The same with another timeout for each statement. */
  public SessionOptions withStatementTimeout(Duration statementTimeout) {
    return new SessionOptions(readMode, timeout, statementTimeout, foreignKeys, readOnly, bookmark);
  }

  /** The same with foreign keys enforced or not. */
  public SessionOptions withForeignKeys(boolean foreignKeys) {
    return new SessionOptions(readMode, timeout, statementTimeout, foreignKeys, readOnly, bookmark);
  }

  /** The same for a session that writes, or does not. */
  public SessionOptions withReadOnly(boolean readOnly) {
    return new SessionOptions(readMode, timeout, statementTimeout, foreignKeys, readOnly, bookmark);
  }

  /** The same for a session that sees at least that state. */
  public SessionOptions withBookmark(Bookmark bookmark) {
    return new SessionOptions(readMode, timeout, statementTimeout, foreignKeys, readOnly, bookmark);
  }
}
