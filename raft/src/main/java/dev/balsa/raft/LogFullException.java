package dev.balsa.raft;

/**
 * The disk has no room for what was to be written to the log. Nothing of it was written and nothing
 * is lost: the same can be tried again once there is room.
 */
public final class LogFullException extends LogStoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence for the operator. */
  public LogFullException(String message) {
    super(message);
  }

  /** Creates the exception with a sentence for the operator, and what caused it. */
  public LogFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
