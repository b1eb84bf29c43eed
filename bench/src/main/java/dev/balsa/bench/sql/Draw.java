package dev.balsa.bench.sql;

import java.util.SplittableRandom;

/** A thread's random values. Texts hardly repeat, so that no row can be had for less bytes. */
final class Draw {
  /** With its header, its key and its writer, a row of about 100 bytes. */
  private static final int TEXT_CHARS = 92;

  private static final int POOL_CHARS = 1 << 20;
  private static final String POOL = pool();

  private final SplittableRandom random;

  Draw(long seed) {
    random = new SplittableRandom(seed);
  }

  private static String pool() {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder pool = new StringBuilder(POOL_CHARS);
    for (int i = 0; i < POOL_CHARS; i++) {
      pool.append((char) random.nextInt(' ', 127));
    }
    return pool.toString();
  }

  String text() {
    int from = random.nextInt(POOL_CHARS - TEXT_CHARS);
    return POOL.substring(from, from + TEXT_CHARS);
  }

  int item() {
    return 1 + random.nextInt(Schema.ITEMS);
  }

  /** Whether it is one of so many. */
  boolean oneOf(int count) {
    return random.nextInt(count) == 0;
  }
}
