package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The checksum of a whole database, kept up with each transaction: the XOR of {@link PageHash} over
 * all pages from 1 to the database's size. Pages never written count as zeros; the page that holds
 * SQLite's lock bytes (at 1 GiB) is left out, since SQLite never writes it. Takes 8 bytes of memory
 * a page. Not thread-safe.
 */
final class DatabaseChecksum {
  private static final int LOCK_BYTE_OFFSET = 1 << 30;

  private final int pageSize;
  private final int lockPage;
  private long[] hashes = new long[64]; // by page number - 1
  private int pages;
  private long value;

  DatabaseChecksum(int pageSize) {
    this.pageSize = pageSize;
    this.lockPage = LOCK_BYTE_OFFSET / pageSize + 1;
  }

  /** What the checksum becomes with a transaction, computed but not yet adopted. */
  @SuppressWarnings("ArrayRecordComponent") // private to this class
  record Update(long value, int databasePages, long[] pageHashes) {}

  /** The checksum of the present state. */
  long value() {
    return value;
  }

  /** The present size in pages. */
  int pages() {
    return pages;
  }

  /**
   * Computes the checksum after a transaction, without changing anything.
   *
   * @param images ascending, none above {@code databasePages}
   */
  Update preview(List<PageImage> images, int databasePages) {
    long next = value;
    for (int number = databasePages + 1; number <= pages; number++) {
      next ^= hashes[number - 1];
    }
    long[] imageHashes = new long[images.size()];
    BitSet fresh = new BitSet();
    for (int i = 0; i < imageHashes.length; i++) {
      PageImage image = images.get(i);
      int number = image.pageNumber();
      long hash = number == lockPage ? 0 : PageHash.of(number, image.content());
      imageHashes[i] = hash;
      next ^= hash;
      if (number <= pages) {
        next ^= hashes[number - 1];
      } else {
        fresh.set(number - pages - 1);
      }
    }
    int grown = databasePages - pages;
    for (int i = fresh.nextClearBit(0); i < grown; i = fresh.nextClearBit(i + 1)) {
      next ^= zeroHash(pages + 1 + i);
    }
    return new Update(next, databasePages, imageHashes);
  }

  /** Adopts what {@link #preview} computed for the same images on the same state. */
  void adopt(Update update, List<PageImage> images) {
    int databasePages = update.databasePages();
    if (databasePages > hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.max(databasePages, hashes.length * 2));
    }
    if (databasePages > pages) {
      BitSet written = new BitSet();
      images.forEach(image -> written.set(image.pageNumber()));
      for (int number = written.nextClearBit(pages + 1);
          number <= databasePages;
          number = written.nextClearBit(number + 1)) {
        hashes[number - 1] = zeroHash(number);
      }
    }
    for (int i = 0; i < images.size(); i++) {
      hashes[images.get(i).pageNumber() - 1] = update.pageHashes()[i];
    }
    pages = databasePages;
    value = update.value();
  }

  private long zeroHash(int number) {
    return number == lockPage ? 0 : PageHash.of(number, ByteBuffer.allocate(pageSize));
  }
}
