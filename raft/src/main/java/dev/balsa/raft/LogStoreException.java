package dev.balsa.raft;

/** The log cannot be opened, read or written. The message says what an operator can do. */
public class LogStoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence for the operator. */
  public LogStoreException(String message) {
    super(message);
  }

  /** Creates the exception with a sentence for the operator, and what caused it. */
  public LogStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
