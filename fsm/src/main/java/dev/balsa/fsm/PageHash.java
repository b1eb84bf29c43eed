package dev.balsa.fsm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) of a page's content,
 * seeded with its number. Not cryptographic: it finds faults, not forgeries.
 */
final class PageHash {
  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;

  private PageHash() {}

  /**
   * Hashes a page.
   *
   * @param pageNumber from 1
   * @param content its remaining bytes, a multiple of 32; position and order are left alone
   */
  static long of(int pageNumber, ByteBuffer content) {
    ByteBuffer in = content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int from = in.position();
    int to = in.limit();
    long seed = pageNumber;
    long a = seed + P1 + P2;
    long b = seed + P2;
    long c = seed;
    long d = seed - P1;
    for (int i = from; i < to; i += 32) {
      a = round(a, in.getLong(i));
      b = round(b, in.getLong(i + 8));
      c = round(c, in.getLong(i + 16));
      d = round(d, in.getLong(i + 24));
    }
    long hash =
        Long.rotateLeft(a, 1)
            + Long.rotateLeft(b, 7)
            + Long.rotateLeft(c, 12)
            + Long.rotateLeft(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
    hash += to - from;
    hash ^= hash >>> 33;
    hash *= P2;
    hash ^= hash >>> 29;
    hash *= P3;
    hash ^= hash >>> 32;
    return hash;
  }

  private static long round(long accumulator, long lane) {
    return Long.rotateLeft(accumulator + lane * P2, 31) * P1;
  }

  private static long merge(long hash, long accumulator) {
    return (hash ^ round(0, accumulator)) * P1 + P4;
  }
}
