package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a main file that SQLite does not have open. */
final class PageScan {
  private static final int READ_BYTES = 1 << 20;

  private PageScan() {}

  /**
   * The hashes of all pages, by page number - 1.
   *
   * @param pages how many; what is missing in the file counts as zeros
   */
  static long[] hashes(FileLayer.File file, int pageSize, int pages) throws IOException {
    long[] hashes = new long[pages];
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    int number = 1;
    while (number <= pages) {
      int count = Math.min(READ_BYTES / pageSize, pages - number + 1);
      buffer.clear().limit(count * pageSize);
      file.read((number - 1L) * pageSize, buffer);
      while (buffer.hasRemaining()) {
        buffer.put((byte) 0);
      }
      for (int i = 0; i < count; i++, number++) {
        buffer.limit((i + 1) * pageSize).position(i * pageSize);
        hashes[number - 1] = DatabaseChecksum.hash(number, buffer, pageSize);
      }
    }
    return hashes;
  }
}
