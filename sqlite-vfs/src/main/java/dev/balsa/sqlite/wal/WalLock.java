package dev.balsa.sqlite.wal;

/**
 * The wal-index's lock slots (<a
 * href="https://sqlite.org/walformat.html#wal_locks">sqlite.org/walformat.html#wal_locks</a>).
 */
public final class WalLock {
  /** Held by who may append to the WAL and change the wal-index. */
  public static final int WRITE = 0;

  /** Held by who checkpoints. */
  public static final int CHECKPOINT = 1;

  /** Held by who rebuilds the wal-index. */
  public static final int RECOVER = 2;

  private WalLock() {}

  /** The slot of read mark {@code mark}, from 0. */
  public static int reader(int mark) {
    Invariant.check(mark >= 0 && mark < ReadMarks.COUNT, "read mark %d", mark);
    return 3 + mark;
  }
}
