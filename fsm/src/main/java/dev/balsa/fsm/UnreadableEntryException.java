package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/** A committed entry cannot be understood: the node must not go on without it. */
final class UnreadableEntryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableEntryException(String message) {
    super(message);
  }

  UnreadableEntryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
