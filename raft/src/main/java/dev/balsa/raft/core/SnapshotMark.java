package dev.balsa.raft.core;

/**
 * A place in the log before which nothing may be left: what a snapshot stands for (thesis 5.1), or
 * what a log begins after.
 *
 * @param index last entry before it, 0 for the beginning of all
 * @param term that entry's term, 0 at index 0
 * @param configuration the configuration in force there
 */
public record SnapshotMark(long index, long term, Configuration configuration) {
  /** The beginning of a log that was never compacted. */
  public static final SnapshotMark NONE = new SnapshotMark(0, 0, Configuration.EMPTY);

  /** Checks the bounds. */
  public SnapshotMark {
    if (index < 0 || term < 0 || (index == 0) != (term == 0)) {
      throw new IllegalArgumentException("mark at index " + index + ", term " + term);
    }
  }
}
