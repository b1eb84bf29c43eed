package dev.balsa.jepsen.nemesis;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A kind of fault that can be brought upon a cluster, and taken away. Used by one thread.
 *
 * <p>The harness calls {@link #begin}, lets some time pass, and calls {@link #end}; then it does so
 * again. Between two faults it may wait until the cluster is whole. At the end of a run, and when
 * it is broken off, it calls {@link #end} for what has begun.
 */
public interface Fault {
  /** Its name on the command line, such as {@code partition}. */
  String name();

  /** Why this machine cannot do it; empty if it can. A sentence that says what would be needed. */
  Optional<String> missing();

  /**
   * Brings it about. If that fails half-way, {@link #end} must still be called.
   *
   * @param random chooses the nodes and the kind
   * @return what was done, for the history, such as {@code isolated 2 from 1 and 3}
   */
  String begin(RandomGenerator random) throws IOException, InterruptedException;

  /**
   * Takes it away, so that the cluster can become whole. Also if nothing has begun.
   *
   * @return what was done
   */
  String end() throws IOException, InterruptedException;

  /**
   * Whether something of it is there that {@link #end} takes away. Not, if {@link #begin} has done
   * so itself, as with what leaves no majority: then the cluster becomes whole from there on.
   */
  default boolean lasts() {
    return true;
  }

  /**
   * What it excuses in the nodes' logs: regular expressions, of which one is found in each such
   * event, a line with its stack trace.
   */
  default List<String> excusedLogLines() {
    return List.of();
  }
}
