package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.wal.FrameWriter;
import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.WalFile;
import dev.balsa.sqlite.wal.WalHeader;
import dev.balsa.sqlite.wal.WalIndexHeader;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Applies transactions of another node: writes their pages to the WAL as frames, then publishes
 * them. No writer may be open. Used by the publisher's thread.
 */
public final class FrameApplier {
  private final Publisher publisher;
  private final WalFile wal;
  private final FrameWriter writer;
  private final RandomGenerator salts;

  /** Applies to the database of {@code publisher}. */
  public FrameApplier(Publisher publisher) {
    this(publisher, new SplittableRandom());
  }

  /** As {@link #FrameApplier(Publisher)}, with the randomness that a new WAL's salt is drawn of. */
  public FrameApplier(Publisher publisher, RandomGenerator salts) {
    this.publisher = publisher;
    this.wal = publisher.wal();
    this.writer = new FrameWriter(wal);
    this.salts = salts;
  }

  /**
   * Applies one transaction; when this returns, readers that begin see it.
   *
   * @param pages not empty, ascending, none above {@code databasePages}; each as long as a page
   * @param databasePages size of the database after it
   * @throws dev.balsa.sqlite.SqliteException if the file system refuses; nothing is published then,
   *     and what was written is cut off
   */
  public void apply(List<PageImage> pages, int databasePages) {
    publisher.requireNoWriter();
    checkPages(pages, databasePages);
    WalIndexHeader before = publisher.requireUnchanged();
    long size = wal.size();
    Invariant.check(
        size == wal.sizeUpTo(before.lastFrame()),
        "the WAL is %d bytes long, but frame %d is the last one published",
        size,
        before.lastFrame());
    publisher.requireLastFrame(before);
    WalHeader header;
    long checksum;
    try {
      header = before.lastFrame() == 0 ? newWal(before) : publisher.currentWalHeader(before);
      checksum =
          writer.append(
              header,
              before.lastFrame(),
              Publisher.chainAfter(before, header),
              pages,
              databasePages);
    } catch (Throwable e) {
      cutBack(before, e);
      throw e;
    }
    int[] pageNumbers = pages.stream().mapToInt(PageImage::pageNumber).toArray();
    int lastFrame = Math.addExact(before.lastFrame(), pages.size());
    publisher.advance(header, lastFrame, databasePages, checksum, pageNumbers);
  }

  /** A WAL's first salt counts its lives, its second one is drawn. */
  private WalHeader newWal(WalIndexHeader before) {
    int first = (int) (before.salts() >>> 32) + 1;
    long fresh = ((long) first << 32) | (salts.nextInt() & 0xffffffffL);
    WalHeader header = WalHeader.create(ByteOrder.nativeOrder(), wal.pageSize(), 0, fresh);
    wal.writeHeader(header);
    return header;
  }

  private void cutBack(WalIndexHeader before, Throwable failure) {
    try {
      wal.truncateAfter(before.lastFrame());
    } catch (Throwable e) {
      failure.addSuppressed(e);
    }
  }

  private static void checkPages(List<PageImage> pages, int databasePages) {
    Invariant.check(!pages.isEmpty(), "a transaction without pages");
    int previous = 0;
    for (PageImage page : pages) {
      Invariant.check(
          previous < page.pageNumber() && page.pageNumber() <= databasePages,
          "page %d after page %d in a database of %d pages",
          page.pageNumber(),
          previous,
          databasePages);
      previous = page.pageNumber();
    }
  }
}
