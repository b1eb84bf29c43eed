package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes transactions to a WAL file, in the form in which SQLite writes them. Nothing of it can be
 * seen by readers until the wal-index says so.
 *
 * <p>Not safe for use by several threads.
 */
public final class FrameWriter {
  private static final int BUFFER_BYTES = 120 * 1024;

  private final WalFile wal;
  private final ByteBuffer buffer;

  /** Writes frames of {@code wal}. */
  public FrameWriter(WalFile wal) {
    this.wal = wal;
    this.buffer = ByteBuffer.allocateDirect(BUFFER_BYTES / wal.frameBytes() * wal.frameBytes());
  }

  /**
   * Writes one transaction, or a part of one, behind {@code afterFrame}.
   *
   * @param checksum that of {@code afterFrame} (for frame 0: the header's)
   * @param pages not empty; each is a page's size long
   * @param databasePages size of the database after it, for the last frame; 0 if more is to follow
   * @return checksum of the last frame
   */
  public long append(
      WalHeader header, int afterFrame, long checksum, List<PageImage> pages, int databasePages) {
    Invariant.check(!pages.isEmpty(), "a transaction without pages");
    Invariant.check(databasePages >= 0, "a database of %d pages", databasePages);
    long position = wal.offset(afterFrame + 1);
    long sum = checksum;
    buffer.clear();
    for (int i = 0; i < pages.size(); i++) {
      if (buffer.remaining() < wal.frameBytes()) {
        position = flush(position);
      }
      sum = encode(header, sum, pages.get(i), i == pages.size() - 1 ? databasePages : 0);
    }
    flush(position);
    return sum;
  }

  private long encode(WalHeader header, long checksum, PageImage page, int databasePages) {
    ByteBuffer content = page.content().duplicate();
    Invariant.check(
        content.remaining() == wal.pageSize(),
        "page %d has %d bytes instead of %d",
        page.pageNumber(),
        content.remaining(),
        wal.pageSize());
    int base = buffer.position();
    buffer.putInt(base, page.pageNumber());
    buffer.putInt(base + 4, databasePages);
    buffer.putLong(base + 8, header.salts());
    buffer.position(base + FrameHeader.BYTES).put(content);
    long sum =
        WalChecksum.update(checksum, buffer, base, FrameHeader.CHECKSUMMED, header.checksumOrder());
    sum =
        WalChecksum.update(
            sum, buffer, base + FrameHeader.BYTES, wal.pageSize(), header.checksumOrder());
    buffer.putLong(base + 16, sum);
    return sum;
  }

  private long flush(long position) {
    buffer.flip();
    long end = position + buffer.remaining();
    wal.bytes().write(position, buffer);
    buffer.clear();
    return end;
  }
}
