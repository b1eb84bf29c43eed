package dev.balsa.fsm;

/**
 * The database is not served on this node at present; nothing of the call was applied. Worth trying
 * again, here a little later or on another node.
 */
public class DatabaseUnavailableException extends NotAppliedException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public DatabaseUnavailableException(String message) {
    super(message);
  }
}
