package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first 32 bytes of a WAL file (<a
 * href="https://sqlite.org/walformat.html#the_wal_header_format">format</a>).
 *
 * @param checksumOrder byte order of the words that checksums are taken over
 * @param pageSize in bytes
 * @param checkpointSequence counts WAL restarts; informative
 * @param salts both salts, as the big-endian long that stands in the file; every frame repeats them
 * @param checksum over the first 24 bytes, and what the first frame's checksum continues; see
 *     {@link WalChecksum}
 */
public record WalHeader(
    ByteOrder checksumOrder, int pageSize, int checkpointSequence, long salts, long checksum) {
  /** Length in bytes. */
  public static final int BYTES = 32;

  /** The only format version there is. */
  static final int VERSION = 3007000;

  private static final int MAGIC = 0x377f0682;
  private static final int CHECKSUMMED = 24;

  /** Refuses page sizes that SQLite does not have. */
  public WalHeader {
    Invariant.check(PageSize.valid(pageSize), "page size %d", pageSize);
  }

  /** A header with its checksum worked out. */
  public static WalHeader create(
      ByteOrder checksumOrder, int pageSize, int checkpointSequence, long salts) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    WalHeader unsummed = new WalHeader(checksumOrder, pageSize, checkpointSequence, salts, 0);
    unsummed.encode(bytes);
    long checksum = WalChecksum.update(WalChecksum.SEED, bytes, 0, CHECKSUMMED, checksumOrder);
    return new WalHeader(checksumOrder, pageSize, checkpointSequence, salts, checksum);
  }

  /**
   * Reads a header from the start of {@code bytes} (absolute; position and order do not matter).
   *
   * @throws WalFormatException if magic, version, page size or checksum is wrong
   */
  public static WalHeader decode(ByteBuffer bytes) {
    ByteBuffer view = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
    int magic = view.getInt(0);
    if ((magic & ~1) != MAGIC) {
      throw new WalFormatException(String.format("not a WAL: it begins with %08x", magic));
    }
    ByteOrder order = (magic & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    long checksum = WalChecksum.update(WalChecksum.SEED, view, 0, CHECKSUMMED, order);
    if (checksum != view.getLong(24)) {
      throw new WalFormatException("the WAL header's checksum is wrong");
    }
    if (view.getInt(4) != VERSION) {
      throw new WalFormatException("unknown WAL format version " + view.getInt(4));
    }
    if (!PageSize.valid(view.getInt(8))) {
      throw new WalFormatException("the WAL header has a page size of " + view.getInt(8));
    }
    return new WalHeader(order, view.getInt(8), view.getInt(12), view.getLong(16), checksum);
  }

  /** Writes the header to the start of {@code bytes} (absolute). */
  public void encode(ByteBuffer bytes) {
    ByteBuffer view = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
    view.putInt(0, MAGIC | (checksumOrder == ByteOrder.BIG_ENDIAN ? 1 : 0));
    view.putInt(4, VERSION);
    view.putInt(8, pageSize);
    view.putInt(12, checkpointSequence);
    view.putLong(16, salts);
    view.putLong(24, checksum);
  }
}
