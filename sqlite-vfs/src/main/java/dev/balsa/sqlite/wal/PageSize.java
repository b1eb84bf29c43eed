package dev.balsa.sqlite.wal;

/**
 * Page sizes: the powers of two from 512 to 65536 bytes. Where the format has sixteen bits for one,
 * 65536 is stored as 1 (<a href="https://sqlite.org/fileformat2.html#page_size">page size</a>).
 */
public final class PageSize {
  /** Smallest, in bytes. */
  public static final int MIN = 512;

  /** Largest, in bytes. */
  public static final int MAX = 65536;

  private PageSize() {}

  /** Whether SQLite has pages of this size. */
  public static boolean valid(int bytes) {
    return bytes >= MIN && bytes <= MAX && Integer.bitCount(bytes) == 1;
  }

  /** The sixteen bits that stand for {@code bytes}. */
  static short encode(int bytes) {
    Invariant.check(valid(bytes), "page size %d", bytes);
    return (short) (bytes == MAX ? 1 : bytes);
  }

  /** The page size that sixteen bits stand for; 0 stands for "not known yet". */
  static int decode(short bits) {
    return (bits & 0xfe00) + ((bits & 1) << 16);
  }
}
