package dev.balsa.jepsen.history;

import org.jspecify.annotations.Nullable;

/**
 * An event of a history: an operation is called ({@link Type#INVOKE}), or completes.
 *
 * @param index place in the history, from 0
 * @param time nanoseconds since the run began
 * @param type what happened
 * @param process of the client; {@link #NEMESIS} for what was done to the cluster. A process does
 *     one thing at a time, and nothing any more after an {@link Type#INFO}.
 * @param f what it does, such as {@code txn}, {@code read}, {@code write}
 * @param value argument or result, EDN data as in the package's description
 * @param error why it failed or is unknown; null if it is neither
 * @param node the node that the client talks to; 0 if none
 */
public record Op(
    int index,
    long time,
    Type type,
    long process,
    String f,
    @Nullable Object value,
    @Nullable String error,
    long node) {
  /** The process of faults; written as {@code :nemesis}. */
  public static final long NEMESIS = -1;

  /**
   * What the nemesis does when all is healed, all nodes have the same, and no client works any
   * more: what is read from then on is the final state.
   */
  public static final String QUIET = "quiet";

  /** What happened. */
  public enum Type {
    /** An operation is called. */
    INVOKE,
    /** It has taken effect. */
    OK,
    /** It has not taken effect and never will. */
    FAIL,
    /** It may have taken effect, may yet, or never; also all that a nemesis does. */
    INFO
  }

  /** Whether a fault is told of. */
  public boolean isNemesis() {
    return process == NEMESIS;
  }
}
