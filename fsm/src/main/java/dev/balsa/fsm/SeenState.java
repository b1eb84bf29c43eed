package dev.balsa.fsm;

import java.util.UUID;

/**
 * What a session has seen of the log, and what it must see. Used under its session's lock.
 *
 * <p>Within one node nothing need be waited for that the session has seen there: what is published
 * stays so. Only what comes from outside is.
 */
final class SeenState {
  private final DatabaseStateMachine machine;
  private Bookmark required;
  private long seen;

  SeenState(DatabaseStateMachine machine, Bookmark required) {
    this.machine = machine;
    this.required = Bookmark.NONE;
    advanceTo(required);
  }

  /**
   * What comes next must see that state.
   *
   * @throws IllegalArgumentException if it is another cluster's
   */
  void advanceTo(Bookmark bookmark) {
    requireSameCluster(bookmark);
    if (bookmark.index() > required.index()) {
      required = bookmark;
    }
  }

  /** Whether this node has what must be seen, so that {@link #await} need not wait. */
  boolean isReached() {
    return required.index() == 0;
  }

  /**
   * Waits until this node has what must be seen. To be called before a snapshot is taken.
   *
   * @throws BookmarkNotReachedException if it has not in time
   */
  void await(Deadline deadline) {
    boolean reached; // at once if it is so already: what was seen is a bound from above, no measure
    try {
      reached = machine.applied().await(required.index(), deadline.leftNanos());
    } catch (InterruptedException e) {
      throw Gate.interrupted(e);
    }
    machine.requireRunning();
    requireSameCluster(required); // a node that has just been started may not have known its own
    if (!reached) {
      throw new BookmarkNotReachedException(required, machine.appliedIndex(), deadline);
    }
  }

  /** Something was read or written: readers here may have seen all that is published by now. */
  void note() {
    long visible = machine.applied().visible();
    if (visible > seen) { // mostly not: nothing is written then that another processor may read
      seen = visible;
    }
  }

  /** The newest state that was seen, or must be. */
  Bookmark bookmark() {
    if (required.index() > seen) {
      return required;
    }
    UUID cluster = machine.consensus().clusterId();
    return cluster == null ? Bookmark.NONE : Bookmark.of(cluster, seen); // null: nothing is applied
  }

  private void requireSameCluster(Bookmark bookmark) {
    UUID theirs = bookmark.cluster();
    UUID ours = theirs == null ? null : machine.consensus().clusterId();
    if (theirs != null && ours != null && !theirs.equals(ours)) {
      throw new IllegalArgumentException(
          "the bookmark is one of cluster " + theirs + ", and this is cluster " + ours);
    }
  }
}
