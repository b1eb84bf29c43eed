package dev.balsa.bench.load;

/** A load could not be measured: a proposal failed, or its answer did not come. */
public final class LoadFailedException extends Exception {
  private static final long serialVersionUID = 1;

  LoadFailedException(String message) {
    super(message);
  }
}
