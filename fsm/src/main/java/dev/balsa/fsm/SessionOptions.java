package dev.balsa.fsm;

import java.time.Duration;

/**
 * How a session behaves.
 *
 * @param readMode what queries outside of transactions promise
 * @param timeout how long a call may wait: for the writer slot, for Raft's decision, for a read's
 *     confirmation
 * @param foreignKeys whether foreign keys are enforced in this session's writes
 */
public record SessionOptions(ReadMode readMode, Duration timeout, boolean foreignKeys) {
  /** Linearizable reads, ten seconds, foreign keys as SQLite has them by default (off). */
  public static final SessionOptions DEFAULT =
      new SessionOptions(ReadMode.LINEARIZABLE, Duration.ofSeconds(10), false);

  /** For reading on any node, without asking the leader. */
  public static final SessionOptions STALE = DEFAULT.withReadMode(ReadMode.STALE);

  /** Checks the timeout. */
  public SessionOptions {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("a session's timeout must be positive: " + timeout);
    }
  }

  /** The same with another read mode. */
  public SessionOptions withReadMode(ReadMode readMode) {
    return new SessionOptions(readMode, timeout, foreignKeys);
  }

  /** The same with another timeout. */
  public SessionOptions withTimeout(Duration timeout) {
    return new SessionOptions(readMode, timeout, foreignKeys);
  }

  /** The same with foreign keys enforced or not. */
  public SessionOptions withForeignKeys(boolean foreignKeys) {
    return new SessionOptions(readMode, timeout, foreignKeys);
  }
}
