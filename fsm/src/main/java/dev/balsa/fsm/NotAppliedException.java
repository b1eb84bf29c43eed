package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/**
 * Nothing of the transaction has been applied or will be, on any node: it can safely be done again.
 * A transaction that was open is rolled back.
 */
public class NotAppliedException extends BalsaException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public NotAppliedException(String message) {
    super(message);
  }

  /** Creates the exception. */
  public NotAppliedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
