package dev.balsa.raft;

import org.jspecify.annotations.Nullable;

/** This node has stopped, by being closed or by a failure, which is then the cause. */
public final class RaftStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public RaftStoppedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
