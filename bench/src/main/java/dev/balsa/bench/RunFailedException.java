package dev.balsa.bench;

/** The run could not be finished. */
public final class RunFailedException extends Exception {
  private static final long serialVersionUID = 1;

  /** Says why. */
  public RunFailedException(String message) {
    super(message);
  }
}
