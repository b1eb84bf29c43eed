package dev.balsa.fsm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * This node cannot show that its state is as recent as {@link ReadMode#staleAtMost} wants it:
 * nothing was read. The same can be tried again, here or on another node.
 */
public final class TooStaleException extends NotAppliedException {
  private static final long serialVersionUID = 1L;

  private final Duration bound;

  /**
   * Creates the exception.
   *
   * @param bound what was wanted
   * @param why why this node cannot show it
   */
  public TooStaleException(Duration bound, String why, @Nullable Throwable cause) {
    super(
        "this node cannot show that its state is at most "
            + bound.toMillis()
            + " ms old: "
            + why
            + "; try again, or on another node",
        cause);
    this.bound = bound;
  }

  /** How old the state may be. */
  public Duration bound() {
    return bound;
  }
}
