package dev.balsa.jepsen.check.linear;

import org.jspecify.annotations.Nullable;

/**
 * An operation on one object.
 *
 * @param f what it does, such as {@code cas}
 * @param value its argument or result, without the object's key
 * @param invoked index of the event that calls it
 * @param completed index of the event after which it has certainly taken effect; {@link #NEVER} if
 *     it may take effect at any time after its call, or not at all
 */
public record Operation(String f, @Nullable Object value, int invoked, int completed) {
  /** Of an operation whose outcome is unknown. */
  public static final int NEVER = Integer.MAX_VALUE;

  /** Whether it has certainly taken effect. */
  boolean isRequired() {
    return completed != NEVER;
  }

  /** It, if nothing was known of what happened from an event on. */
  Operation asKnownBefore(int event) {
    return completed < event ? this : new Operation(f, value, invoked, NEVER);
  }
}
