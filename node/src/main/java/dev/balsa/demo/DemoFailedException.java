package dev.balsa.demo;

/** The run could not be brought to an end that could be judged. The message says why. */
public final class DemoFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DemoFailedException(String message) {
    super(message);
  }
}
