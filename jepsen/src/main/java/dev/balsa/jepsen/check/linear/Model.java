package dev.balsa.jepsen.check.linear;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an object does when its operations come one after the other. States are immutable values
 * with {@code equals} and {@code hashCode}. Thread-safe.
 */
public interface Model {
  /** The state before all operations. */
  Object initial();

  /**
   * What an operation makes of a state.
   *
   * @param f the operation
   * @param value its argument and result
   * @return the state after it; empty if it cannot have this result in that state
   * @throws IllegalArgumentException if there is no such operation
   */
  Optional<Object> step(Object state, String f, @Nullable Object value);

  /** Whether an operation never changes the state, so that it may be forgotten if it failed. */
  boolean readsOnly(String f);

  /**
   * How an operation depends on the state, if that can be said so simply. A model where that is so
   * of every operation is searched much faster.
   *
   * @throws IllegalArgumentException if there is no such operation
   */
  default Optional<Footprint> footprint(String f, @Nullable Object value) {
    return Optional.empty();
  }

  /**
   * An operation that is possible in one state only, or in all alike, and that always leaves the
   * same state.
   *
   * @param needs the only state in which it is possible; empty if it is in all of them
   * @param leaves the state after it
   */
  record Footprint(Optional<Object> needs, Object leaves) {}
}
