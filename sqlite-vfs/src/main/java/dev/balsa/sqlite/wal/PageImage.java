package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;

/**
 * What one page holds after a transaction.
 *
 * @param pageNumber from 1
 * @param content the page's bytes, from position to limit; whoever reads them duplicates the buffer
 *     first, nobody changes them
 */
public record PageImage(int pageNumber, ByteBuffer content) {
  /** Refuses numbers that no page has. */
  public PageImage {
    Invariant.check(pageNumber > 0, "page number %d", pageNumber);
  }
}
