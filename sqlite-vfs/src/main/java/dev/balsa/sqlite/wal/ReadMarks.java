package dev.balsa.sqlite.wal;

import java.util.List;

/**
 * How far a wal-index's checkpoints and readers are (<a
 * href="https://sqlite.org/walformat.html#the_wal_index_file_format">format</a>, "checkpoint
 * info").
 *
 * @param backfilled frames that are in the main file
 * @param backfillAttempted frames that may be there
 * @param marks five; mark 0 stands for the main file alone. A mark counts only while somebody holds
 *     its lock, see {@link WalLock#reader}
 */
public record ReadMarks(int backfilled, int backfillAttempted, List<Integer> marks) {
  /** How many there are. */
  public static final int COUNT = 5;

  /** What an unused mark holds: higher than any frame. */
  public static final int NOT_USED = 0xffffffff;

  /** Keeps its own copy. */
  public ReadMarks {
    marks = List.copyOf(marks);
  }
}
