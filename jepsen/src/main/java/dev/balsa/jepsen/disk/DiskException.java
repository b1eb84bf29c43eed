package dev.balsa.jepsen.disk;

import org.jspecify.annotations.Nullable;

/** A disk of the harness cannot be made, mounted, cut off or unmounted. */
public final class DiskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public DiskException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
