package dev.balsa.sqlite.vfs;

/**
 * The WAL does not hold what was to be published. Nothing was published; what the WAL holds beyond
 * is not to be trusted and must be cut off.
 */
public final class PublishException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what was found instead. */
  public PublishException(String message) {
    super(message);
  }
}
