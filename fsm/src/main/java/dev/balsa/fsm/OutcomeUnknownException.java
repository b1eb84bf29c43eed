package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/**
 * The transaction was handed to Raft, and this node did not learn in time whether it is committed:
 * it may have been applied, may yet be, or never. Find out by reading (on the present leader)
 * before doing it again.
 */
public final class OutcomeUnknownException extends BalsaException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public OutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
