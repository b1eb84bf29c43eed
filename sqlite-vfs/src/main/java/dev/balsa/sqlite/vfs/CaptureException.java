package dev.balsa.sqlite.vfs;

import org.jspecify.annotations.Nullable;

/**
 * It is not certain that what the writer committed is exactly what was captured. The writer view
 * must be discarded: its connection closed, the WAL cut back to what is published. That is safe,
 * because nothing of it was published.
 */
public final class CaptureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what is in doubt. */
  public CaptureException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
