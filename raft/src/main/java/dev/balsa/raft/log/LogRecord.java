package dev.balsa.raft.log;

import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;

/** What a segment holds, as {@link RecordFormat} reads it. */
sealed interface LogRecord {
  /**
   * The first record of every segment. With the {@link State} that follows it in the same excerpt,
   * it tells all that the segments before it amount to.
   *
   * @param formatVersion version of what follows this record
   * @param nodeId the node whose log this is
   * @param endIndex last index of the log when the segment began
   * @param endTerm its term, 0 at index 0
   * @param previousEnd where the log ended in the segment before; {@link LogPosition#NONE} if the
   *     log begins with this one. Segments between that one and this hold nothing but hard states,
   *     which the one that follows here replaces
   * @param begin where the log begins
   */
  record SegmentStart(
      int formatVersion,
      long nodeId,
      long endIndex,
      long endTerm,
      LogPosition previousEnd,
      Begin begin)
      implements LogRecord {}

  /**
   * Where the log begins, from here on: what is left of earlier segments, in whatever state, is
   * part of it no more.
   *
   * @param firstCycle the first segment that is needed
   * @param base what the log begins after. Entries up to there that the segments still hold do not
   *     count
   */
  record Begin(int firstCycle, SnapshotMark base) implements LogRecord {
    /** Of a log that has no segment yet. */
    static final Begin NONE = new Begin(0, SnapshotMark.NONE);
  }

  /**
   * Precedes the entries in every excerpt.
   *
   * @param hardState in force from here on
   * @param durable everything before this position was known to be durable when this was written
   */
  record State(HardState hardState, LogPosition durable) implements LogRecord {}

  /**
   * Entries at or above an index are superseded by what follows.
   *
   * @param termBefore term of the entry before: what the log then ends with may be in a segment
   *     that is gone
   */
  record Truncate(long fromIndex, long termBefore) implements LogRecord {}

  /**
   * An entry, its payload left in the file.
   *
   * @param payloadBytes size of the payload
   */
  record Appended(long index, long term, EntryType type, int payloadBytes) implements LogRecord {}

  /** Bytes that are no record. */
  record Damaged(String reason) implements LogRecord {}
}
