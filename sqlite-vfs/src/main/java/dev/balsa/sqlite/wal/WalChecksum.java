package dev.balsa.sqlite.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The WAL's running checksum (<a
 * href="https://sqlite.org/walformat.html#checksum_algorithm">algorithm</a>): two 32-bit sums over
 * 32-bit words, each of which feeds the other.
 *
 * <p>Both sums travel in one {@code long}, the first in the upper half: just as the eight bytes
 * stand in a frame header when read as a big-endian long. The words' byte order is the WAL's own
 * choice, made in its magic number. Every commit pays for this loop once or twice, so it reads
 * eight bytes at a time, and adds to each sum first what is known first: its word, and then the
 * other sum, which the one before has only just given. So the chain of additions that nothing can
 * overtake has two for eight bytes, and not four (0.36 us a 4 KiB page, and not 0.57).
 */
public final class WalChecksum {
  /** What a WAL header's checksum starts from. */
  public static final long SEED = 0;

  private static final VarHandle LITTLE =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle BIG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private WalChecksum() {}

  /**
   * Continues {@code checksum} over a range of {@code bytes}; the buffer's own position and order
   * do not matter.
   *
   * @param offset absolute index of the first byte
   * @param length a multiple of 8
   * @param order byte order of the words
   */
  public static long update(
      long checksum, ByteBuffer bytes, int offset, int length, ByteOrder order) {
    Invariant.check((length & 7) == 0, "checksum over %d bytes", length);
    return order == ByteOrder.LITTLE_ENDIAN
        ? little(checksum, bytes, offset, offset + length)
        : big(checksum, bytes, offset, offset + length);
  }

  private static long little(long checksum, ByteBuffer bytes, int from, int to) {
    int first = first(checksum);
    int second = second(checksum);
    for (int i = from; i < to; i += Long.BYTES) {
      long words = (long) LITTLE.get(bytes, i);
      first = first + (int) words + second;
      second = second + (int) (words >>> 32) + first;
    }
    return of(first, second);
  }

  private static long big(long checksum, ByteBuffer bytes, int from, int to) {
    int first = first(checksum);
    int second = second(checksum);
    for (int i = from; i < to; i += Long.BYTES) {
      long words = (long) BIG.get(bytes, i);
      first = first + (int) (words >>> 32) + second;
      second = second + (int) words + first;
    }
    return of(first, second);
  }

  /** Both sums in one value. */
  static long of(int first, int second) {
    return ((long) first << 32) | (second & 0xffffffffL);
  }

  /** The first sum. */
  static int first(long checksum) {
    return (int) (checksum >>> 32);
  }

  /** The second sum. */
  static int second(long checksum) {
    return (int) checksum;
  }
}
