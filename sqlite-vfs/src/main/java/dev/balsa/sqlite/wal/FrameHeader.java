package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 24 bytes before each page in a WAL (<a
 * href="https://sqlite.org/walformat.html#wal_frame_header_format">format</a>).
 *
 * @param pageNumber from 1
 * @param databasePages size of the database in pages after the commit that this frame ends; 0 in
 *     all other frames
 * @param salts the WAL header's, see {@link WalHeader#salts}
 * @param checksum over this frame and all before it, see {@link WalChecksum}
 */
public record FrameHeader(int pageNumber, int databasePages, long salts, long checksum) {
  /** Length in bytes. */
  public static final int BYTES = 24;

  /** How many of its bytes the checksum covers; the page's bytes follow. */
  static final int CHECKSUMMED = 8;

  /** Whether the frame ends a transaction. */
  public boolean commit() {
    return databasePages != 0;
  }

  /** Reads a header at an absolute {@code offset}. */
  public static FrameHeader decode(ByteBuffer bytes, int offset) {
    ByteBuffer view = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
    return new FrameHeader(
        view.getInt(offset),
        view.getInt(offset + 4),
        view.getLong(offset + 8),
        view.getLong(offset + 16));
  }

  /** Writes the header at an absolute {@code offset}. */
  public void encode(ByteBuffer bytes, int offset) {
    ByteBuffer view = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
    view.putInt(offset, pageNumber);
    view.putInt(offset + 4, databasePages);
    view.putLong(offset + 8, salts);
    view.putLong(offset + 16, checksum);
  }
}
