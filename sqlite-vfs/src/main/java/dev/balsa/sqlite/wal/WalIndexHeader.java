package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 48 bytes, kept twice, that say what a wal-index publishes (<a
 * href="https://sqlite.org/walformat.html#the_wal_index_header">format</a>). Native byte order,
 * except for the salts, which are the WAL header's bytes.
 *
 * @param change counts publications; readers drop their caches when the header differs
 * @param checksumOrder byte order of the words that the WAL's checksums are taken over
 * @param pageSize in bytes; 0 while the WAL has never had a header
 * @param lastFrame the last published frame ("mxFrame"); 0 if the WAL is empty
 * @param databasePages the database's size after that frame
 * @param frameChecksum that of the last frame, see {@link WalChecksum}
 * @param salts see {@link WalHeader#salts}
 */
public record WalIndexHeader(
    int change,
    ByteOrder checksumOrder,
    int pageSize,
    int lastFrame,
    int databasePages,
    long frameChecksum,
    long salts) {
  /** Length in bytes of one copy. */
  public static final int BYTES = 48;

  private static final int CHECKSUMMED = 40;

  /**
   * Reads one copy from the start of {@code bytes} (absolute).
   *
   * @throws WalFormatException if it was never initialized, is of another version, or its checksum
   *     is wrong
   */
  public static WalIndexHeader decode(ByteBuffer bytes) {
    ByteBuffer view = bytes.duplicate().order(ByteOrder.nativeOrder());
    if (view.get(12) == 0) {
      throw new WalFormatException("the wal-index is not initialized");
    }
    if (view.getInt(0) != WalHeader.VERSION) {
      throw new WalFormatException("unknown wal-index format version " + view.getInt(0));
    }
    if (checksum(view) != WalChecksum.of(view.getInt(40), view.getInt(44))) {
      throw new WalFormatException("the wal-index header's checksum is wrong");
    }
    return new WalIndexHeader(
        view.getInt(8),
        view.get(13) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN,
        PageSize.decode(view.getShort(14)),
        view.getInt(16),
        view.getInt(20),
        WalChecksum.of(view.getInt(24), view.getInt(28)),
        view.duplicate().order(ByteOrder.BIG_ENDIAN).getLong(32));
  }

  /** Writes one copy to the start of {@code bytes} (absolute). */
  public void encode(ByteBuffer bytes) {
    ByteBuffer view = bytes.duplicate().order(ByteOrder.nativeOrder());
    view.putInt(0, WalHeader.VERSION);
    view.putInt(4, 0);
    view.putInt(8, change);
    view.put(12, (byte) 1);
    view.put(13, (byte) (checksumOrder == ByteOrder.BIG_ENDIAN ? 1 : 0));
    view.putShort(14, pageSize == 0 ? 0 : PageSize.encode(pageSize));
    view.putInt(16, lastFrame);
    view.putInt(20, databasePages);
    view.putInt(24, WalChecksum.first(frameChecksum));
    view.putInt(28, WalChecksum.second(frameChecksum));
    view.duplicate().order(ByteOrder.BIG_ENDIAN).putLong(32, salts);
    long checksum = checksum(view);
    view.putInt(40, WalChecksum.first(checksum));
    view.putInt(44, WalChecksum.second(checksum));
  }

  private static long checksum(ByteBuffer view) {
    return WalChecksum.update(WalChecksum.SEED, view, 0, CHECKSUMMED, ByteOrder.nativeOrder());
  }

  /**
   * The header after a publication up to {@code frame}.
   *
   * @param wal header of the WAL file that the frame is in
   */
  public WalIndexHeader advanced(WalHeader wal, int frame, int pages, long checksum) {
    return new WalIndexHeader(
        change + 1, wal.checksumOrder(), wal.pageSize(), frame, pages, checksum, wal.salts());
  }

  /**
   * The header of a WAL that begins anew, as SQLite's {@code walRestartHdr} makes it: the first
   * salt counts up, the other is drawn, all else stays.
   *
   * @param salt the second one, in the byte order of the file
   */
  public WalIndexHeader restarted(int salt) {
    int first = (int) (salts >>> 32) + 1;
    return new WalIndexHeader(
        change,
        checksumOrder,
        pageSize,
        0,
        databasePages,
        frameChecksum,
        (long) first << 32 | (salt & 0xffffffffL));
  }
}
