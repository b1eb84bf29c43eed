package dev.balsa.raft;

/**
 * The node's own monotonic clock. Election timeouts, heartbeats and leases are measured by it and
 * by nothing else, so that a test can make a node's time drift or jump.
 */
@FunctionalInterface
public interface Clock {
  /** Nanoseconds since an arbitrary origin. Only differences have a meaning. */
  long nanoTime();

  /** The machine's monotonic clock, {@link System#nanoTime()}. */
  static Clock system() {
    return System::nanoTime;
  }
}
