package dev.balsa.raft.log;

/**
 * Consecutive entries whose records follow each other in one file, all at the same distance: 0
 * within an excerpt, and from one excerpt with a single entry to the next what lies between.
 *
 * @param firstIndex index of the first one
 * @param count how many there are
 * @param cycle the segment
 * @param offset where the first record begins
 * @param bytes from there to the end of the last one; or more, where entries behind it were
 *     superseded
 * @param gapBytes from the end of a record to the beginning of the next one
 */
record EntryRun(long firstIndex, int count, int cycle, int offset, int bytes, int gapBytes) {
  int end() {
    return offset + bytes;
  }
}
