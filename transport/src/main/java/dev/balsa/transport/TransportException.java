package dev.balsa.transport;

/** The transport cannot start. The message is one sentence for the operator. */
public final class TransportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with its sentence. */
  public TransportException(String message, Throwable cause) {
    super(message, cause);
  }
}
