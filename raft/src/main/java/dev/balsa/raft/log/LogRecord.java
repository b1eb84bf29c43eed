package dev.balsa.raft.log;

import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;

/** What a segment holds, as {@link RecordFormat} reads it. */
sealed interface LogRecord {
  /**
   * The first record of every segment. With the {@link State} that follows it in the same excerpt,
   * it tells all that the segments before it amount to, so that they can go whole one day.
   *
   * @param formatVersion version of what follows this record
   * @param nodeId the node whose log this is
   * @param baseIndex last index of the log when the segment began
   * @param baseTerm its term, 0 at index 0
   * @param previousEnd where the log ended in the segment before; {@link LogPosition#NONE} in the
   *     very first
   */
  record SegmentStart(
      int formatVersion, long nodeId, long baseIndex, long baseTerm, LogPosition previousEnd)
      implements LogRecord {}

  /**
   * Precedes the entries in every excerpt.
   *
   * @param hardState in force from here on
   * @param durable everything before this position was known to be durable when this was written
   */
  record State(HardState hardState, LogPosition durable) implements LogRecord {}

  /** Entries at or above that index are superseded by what follows. */
  record Truncate(long fromIndex) implements LogRecord {}

  /**
   * An entry, its payload left in the file.
   *
   * @param payloadBytes size of the payload
   */
  record Appended(long index, long term, EntryType type, int payloadBytes) implements LogRecord {}

  /** Bytes that are no record. */
  record Damaged(String reason) implements LogRecord {}
}
