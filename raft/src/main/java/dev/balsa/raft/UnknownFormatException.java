package dev.balsa.raft;

/** The log is of a format version that this program does not know. */
public final class UnknownFormatException extends LogStoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence for the operator. */
  public UnknownFormatException(String message) {
    super(message);
  }
}
