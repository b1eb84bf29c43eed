package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;

/**
 * A place in the log's files. Positions grow in the order in which the log is written.
 *
 * @param cycle number of the segment, from 1; 0 only in {@link #NONE}
 * @param offset bytes from the beginning of the segment's file
 */
record LogPosition(int cycle, int offset) implements Comparable<LogPosition> {
  /** Before everything. */
  static final LogPosition NONE = new LogPosition(0, 0);

  LogPosition {
    Invariant.check(cycle >= 0 && offset >= 0, "log position %d:%d", cycle, offset);
  }

  boolean isAfter(LogPosition other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(LogPosition other) {
    int byCycle = Integer.compare(cycle, other.cycle);
    return byCycle != 0 ? byCycle : Integer.compare(offset, other.offset);
  }
}
