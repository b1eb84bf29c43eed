package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
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

  /** Whether the pages' hashes are known, and not only what they amount to. */
  private boolean known = true;

  DatabaseChecksum(int pageSize) {
    this.pageSize = pageSize;
  }

  /**
   * The checksum of a database whose pages' hashes are not known yet.
   *
   * @param value what they amount to, by the node that made the state
   */
  static DatabaseChecksum claimed(int pageSize, int pages, long value) {
    DatabaseChecksum checksum = new DatabaseChecksum(pageSize);
    checksum.known = false;
    checksum.pages = pages;
    checksum.value = value;
    return checksum;
  }

  /** Whether the pages' hashes are known. */
  boolean isKnown() {
    return known;
  }

  /** A transaction is redone, and its effect on the hashes is not computed. */
  void claim(Command.Transaction transaction) {
    Invariant.check(!known, "a claim on a checksum that is known");
    pages = transaction.databasePages();
    value = transaction.checksumAfter();
  }

  /**
   * The pages' hashes are known now.
   *
   * @param read of all pages, by page number - 1
   * @return whether they amount to what was claimed; if not, nothing has changed
   */
  boolean verify(long[] read) {
    Invariant.check(!known && read.length == pages, "%d hashes of %d pages", read.length, pages);
    if (valueOf(read) != value) {
      return false;
    }
    hashes = read;
    known = true;
    return true;
  }

  /** What the hashes of all pages amount to. */
  static long valueOf(long[] hashes) {
    long sum = 0;
    for (long hash : hashes) {
      sum ^= hash;
    }
    return sum;
  }

  /** The hashes of all pages, by page number - 1; a copy. */
  long[] hashes() {
    Invariant.check(known, "the hashes are not known yet");
    return Arrays.copyOf(hashes, pages);
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
    Invariant.check(known, "the hashes are not known yet");
    return preview(this, images, databasePages);
  }

  /** As {@link #preview(List, int)}, on any state. */
  static Update preview(PageHashes before, List<PageImage> images, int databasePages) {
    Preview preview = new Preview(before, databasePages, images.size());
    preview.add(images);
    return preview.finish();
  }

  /**
   * Computes what a transaction makes of the checksum while its pages come, and keeps none of them.
   * The state before it must stay as it is meanwhile.
   */
  static final class Preview {
    private final PageHashes before;
    private final int databasePages;
    private final Changes changes;
    private long value;

    /** The highest page counted, or the state's last one: what follows has no hash yet. */
    private int counted;

    private int last;

    Preview(PageHashes before, int databasePages) {
      this(before, databasePages, 0);
    }

    private Preview(PageHashes before, int databasePages, int expected) {
      this.before = before;
      this.databasePages = databasePages;
      this.changes = new Changes(expected);
      this.value = before.value();
      this.counted = before.pages();
      for (int number = databasePages + 1; number <= before.pages(); number++) {
        value ^= before.hash(number);
      }
    }

    /** The last page that was added; 0 before the first one. */
    int last() {
      return last;
    }

    /**
     * Adds pages.
     *
     * @param images ascending, the first above {@link #last}, none above the size after the
     *     transaction
     */
    void add(List<PageImage> images) {
      for (PageImage image : images) {
        int number = image.pageNumber();
        Invariant.check(last < number, "page %d after page %d", number, last);
        last = number;
        growTo(number - 1);
        if (number > counted) {
          counted = number;
        } else {
          value ^= before.hash(number);
        }
        value ^= changes.add(number, hash(image, before.pageSize()));
      }
    }

    /** Pages never written are zeros. */
    private void growTo(int number) {
      while (counted < number) {
        counted++;
        value ^= changes.add(counted, zeroHash(counted, before.pageSize()));
      }
    }

    /** All pages have been added. */
    Update finish() {
      growTo(databasePages);
      return changes.update(value, databasePages);
    }
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
    return hash(image.pageNumber(), image.content(), pageSize);
  }

  /** A page's part of the checksum. */
  static long hash(int number, ByteBuffer content, int pageSize) {
    return isLockPage(number, pageSize) ? 0 : PageHash.of(number, content);
  }

  private static long zeroHash(int number, int pageSize) {
    return isLockPage(number, pageSize) ? 0 : PageHash.of(number, ByteBuffer.allocate(pageSize));
  }

  private static boolean isLockPage(int number, int pageSize) {
    return number == LOCK_BYTE_OFFSET / pageSize + 1;
  }
}
