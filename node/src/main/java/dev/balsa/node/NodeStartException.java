package dev.balsa.node;

import org.jspecify.annotations.Nullable;

/** A node did not start. The message is one sentence for an operator. */
public final class NodeStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final StartFailure failure;

  /** Creates the exception with its reason and a sentence for the operator. */
  public NodeStartException(StartFailure failure, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.failure = failure;
  }

  /** Why. */
  public StartFailure failure() {
    return failure;
  }
}
