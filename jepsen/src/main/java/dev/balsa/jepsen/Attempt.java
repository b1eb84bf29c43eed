package dev.balsa.jepsen;

import java.util.List;

/**
 * One transaction that a client tried, each inserting rows of its own.
 *
 * @param node whose application was asked
 * @param rows ids of the rows; never used by another attempt
 * @param invokedNanos before it was sent, by {@link System#nanoTime()}
 * @param completedNanos after its outcome was known
 * @param result what the client was told
 * @param detail why, if it was not acknowledged
 */
record Attempt(
    long node,
    List<Long> rows,
    long invokedNanos,
    long completedNanos,
    Result result,
    String detail) {
  /** What a client can be told. */
  enum Result {
    ACKNOWLEDGED,
    NOT_APPLIED,
    UNKNOWN
  }

  Attempt {
    rows = List.copyOf(rows);
  }

  boolean isAcknowledged() {
    return result == Result.ACKNOWLEDGED;
  }
}
