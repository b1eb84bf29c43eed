package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.PageSet;
import dev.balsa.sqlite.wal.WalChecksum;

/**
 * One commit of a writer, as it stands in the WAL.
 *
 * @param firstFrame its first frame, from 1
 * @param lastFrame its last one, which carries the commit
 * @param pageSize in bytes
 * @param databasePages size of the database after it
 * @param pages the last image of each page that it wrote, ascending, none above {@code
 *     databasePages}: all that another node needs. The contents of many pages are read from the
 *     WAL, as long as its writer has not been discarded
 * @param endChecksum checksum of the last frame and all before it, see {@link WalChecksum}
 */
public record CapturedTransaction(
    int firstFrame,
    int lastFrame,
    int pageSize,
    int databasePages,
    PageSet pages,
    long endChecksum) {
  /** Checks the numbers. */
  public CapturedTransaction {
    Invariant.check(
        0 < firstFrame && firstFrame <= lastFrame && databasePages > 0,
        "a transaction of frames [%d, %d], %d pages",
        firstFrame,
        lastFrame,
        databasePages);
  }
}
