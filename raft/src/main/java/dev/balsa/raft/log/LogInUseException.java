package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;

/** The log is open in this or another process. */
public final class LogInUseException extends LogStoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence for the operator. */
  public LogInUseException(String message) {
    super(message);
  }
}
