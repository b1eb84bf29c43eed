package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.WalChecksum;
import java.util.List;

/**
 * One commit of a writer, as it stands in the WAL.
 *
 * @param firstFrame its first frame, from 1
 * @param lastFrame its last one, which carries the commit
 * @param pageSize in bytes
 * @param databasePages size of the database after it
 * @param pages the last image of each page that it wrote, ascending, none above {@code
 *     databasePages}: all that another node needs
 * @param endChecksum checksum of the last frame and all before it, see {@link WalChecksum}
 */
public record CapturedTransaction(
    int firstFrame,
    int lastFrame,
    int pageSize,
    int databasePages,
    List<PageImage> pages,
    long endChecksum) {
  /** Keeps its own list. */
  public CapturedTransaction {
    Invariant.check(
        0 < firstFrame && firstFrame <= lastFrame && databasePages > 0,
        "a transaction of frames [%d, %d], %d pages",
        firstFrame,
        lastFrame,
        databasePages);
    pages = List.copyOf(pages);
  }
}
