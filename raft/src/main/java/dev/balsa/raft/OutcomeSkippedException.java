package dev.balsa.raft;

/**
 * What became of a proposal can't be told any more: this node lagged so far that it got a snapshot
 * in place of the part of the log in which the proposal was decided. It may have been committed.
 */
public final class OutcomeSkippedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public OutcomeSkippedException(long index, long snapshotIndex) {
    super(
        "what was committed at index "
            + index
            + " is not known here: a snapshot at index "
            + snapshotIndex
            + " has taken its place");
  }
}
