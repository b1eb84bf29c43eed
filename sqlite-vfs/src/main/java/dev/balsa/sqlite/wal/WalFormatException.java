package dev.balsa.sqlite.wal;

/** Bytes that are not what the format says: a damaged file, or one of another version. */
public final class WalFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what was found. */
  public WalFormatException(String message) {
    super(message);
  }
}
