package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The checksum of a whole database, kept up with each transaction: the XOR of {@link PageHash} over
 * all pages from 1 to the database's size. Pages never written count as zeros; the page that holds
 * SQLite's lock bytes (at 1 GiB) is left out, since SQLite never writes it. Takes 8 bytes of memory
 * a page. Not thread-safe.
 */
final class DatabaseChecksum implements PageHashes {
  private static final int LOCK_BYTE_OFFSET = 1 << 30;

  private final int pageSize;
  private long[] hashes = new long[64]; // by page number - 1
  private int pages;
  private long value;

  DatabaseChecksum(int pageSize) {
    this.pageSize = pageSize;
  }

  /**
   * What a transaction makes of the checksum.
   *
   * @param value the checksum after it
   * @param databasePages the size after it
   * @param numbers the pages whose hashes change, and remain in the database: those written, and
   *     those that it grew by without writing them
   * @param hashes their new hashes
   */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record Update(long value, int databasePages, int[] numbers, long[] hashes) {}

  @Override
  public int pageSize() {
    return pageSize;
  }

  @Override
  public long value() {
    return value;
  }

  @Override
  public int pages() {
    return pages;
  }

  @Override
  public long hash(int number) {
    return hashes[number - 1];
  }

  /**
   * Computes the checksum after a transaction, without changing anything.
   *
   * @param images ascending, none above {@code databasePages}
   */
  Update preview(List<PageImage> images, int databasePages) {
    return preview(this, images, databasePages);
  }

  /** As {@link #preview(List, int)}, on any state. */
  static Update preview(PageHashes before, List<PageImage> images, int databasePages) {
    long next = before.value();
    for (int number = databasePages + 1; number <= before.pages(); number++) {
      next ^= before.hash(number);
    }
    Changes changes = new Changes(images.size());
    int fresh = before.pages() + 1;
    for (PageImage image : images) {
      int number = image.pageNumber();
      for (; fresh < number; fresh++) {
        next ^= changes.add(fresh, zeroHash(fresh, before.pageSize()));
      }
      if (number == fresh) {
        fresh++;
      } else {
        next ^= before.hash(number);
      }
      next ^= changes.add(number, hash(image, before.pageSize()));
    }
    for (; fresh <= databasePages; fresh++) {
      next ^= changes.add(fresh, zeroHash(fresh, before.pageSize()));
    }
    return changes.update(next, databasePages);
  }

  /** Pages and their new hashes, while they are gathered. */
  private static final class Changes {
    private int[] numbers;
    private long[] hashes;
    private int size;

    Changes(int expected) {
      numbers = new int[expected];
      hashes = new long[expected];
    }

    long add(int number, long hash) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, size * 2 + 8);
        hashes = Arrays.copyOf(hashes, numbers.length);
      }
      numbers[size] = number;
      hashes[size++] = hash;
      return hash;
    }

    Update update(long value, int databasePages) {
      return new Update(
          value, databasePages, Arrays.copyOf(numbers, size), Arrays.copyOf(hashes, size));
    }
  }

  /** Adopts what {@link #preview} computed on the same state. */
  void adopt(Update update) {
    int databasePages = update.databasePages();
    if (databasePages > hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.max(databasePages, hashes.length * 2));
    }
    for (int i = 0; i < update.numbers().length; i++) {
      hashes[update.numbers()[i] - 1] = update.hashes()[i];
    }
    pages = databasePages;
    value = update.value();
  }

  private static long hash(PageImage image, int pageSize) {
    int number = image.pageNumber();
    return isLockPage(number, pageSize) ? 0 : PageHash.of(number, image.content());
  }

  private static long zeroHash(int number, int pageSize) {
    return isLockPage(number, pageSize) ? 0 : PageHash.of(number, ByteBuffer.allocate(pageSize));
  }

  private static boolean isLockPage(int number, int pageSize) {
    return number == LOCK_BYTE_OFFSET / pageSize + 1;
  }
}
