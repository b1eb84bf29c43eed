package dev.balsa.bench.raft;

/** The run could not be finished. */
final class RunFailedException extends Exception {
  private static final long serialVersionUID = 1;

  RunFailedException(String message) {
    super(message);
  }
}
