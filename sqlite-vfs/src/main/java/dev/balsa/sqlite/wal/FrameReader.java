package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks along a WAL's frames, verifying each one's salts and checksum. Reads many frames at a time
 * into a buffer that it keeps, as many as are expected, and then more and more.
 *
 * <p>Does not ask for the file's size, but finds its end by reading, see {@link WalBytes#readSome}.
 *
 * <p>Not safe for use by several threads.
 */
public final class FrameReader {
  /** Why {@link #next} answered false. */
  public enum Stop {
    /** The file holds no further complete frame. */
    END_OF_FILE,
    /** The next frame belongs to another life of the WAL. */
    OTHER_SALTS,
    /** The next frame's page number is 0. */
    NO_PAGE,
    /** The next frame does not continue the chain of checksums. */
    OTHER_CHECKSUM
  }

  /** Enough for one frame of any page size, and for dozens of the usual one, in one native call. */
  private static final int BUFFER_BYTES = 120 * 1024;

  private final WalFile wal;
  private final int framesMax;

  /** Whole frames, and mostly the header of what follows them. */
  private final ByteBuffer buffer;

  private final ByteBuffer following = ByteBuffer.allocateDirect(FrameHeader.BYTES);

  private WalHeader header;
  private long checksum;
  private int frame;
  private int base;
  private int filled;
  private boolean headerFollows;

  /** How many frames to read at once, next time. */
  private int framesNext;

  private Stop stop = Stop.END_OF_FILE;

  /** Reads frames of {@code wal}; begin with {@link #start}. */
  public FrameReader(WalFile wal) {
    this.wal = wal;
    this.framesMax = BUFFER_BYTES / wal.frameBytes();
    this.buffer = ByteBuffer.allocateDirect(framesMax * wal.frameBytes() + FrameHeader.BYTES);
    this.header = WalHeader.create(ByteOrder.LITTLE_ENDIAN, wal.pageSize(), 0, 0);
  }

  /**
   * Sets out behind {@code afterFrame}, whose checksum was {@code checksum} (for frame 0: the
   * header's).
   *
   * @param frames how many are expected; there may be fewer or more
   */
  public void start(WalHeader header, int afterFrame, long checksum, int frames) {
    this.header = header;
    this.checksum = checksum;
    this.frame = afterFrame;
    this.base = -wal.frameBytes();
    this.filled = 0;
    this.framesNext = Math.max(1, frames);
  }

  /** Moves to the next frame. False if there is no valid one: {@link #stopped} says why. */
  public boolean next() {
    int frameBytes = wal.frameBytes();
    base += frameBytes;
    if (base + frameBytes > filled && !fill()) {
      stop = Stop.END_OF_FILE;
      return false;
    }
    if (buffer.getLong(base + 8) != header.salts()) {
      stop = Stop.OTHER_SALTS;
      return false;
    }
    if (pageNumber() == 0) {
      stop = Stop.NO_PAGE;
      return false;
    }
    long sum =
        WalChecksum.update(checksum, buffer, base, FrameHeader.CHECKSUMMED, header.checksumOrder());
    sum =
        WalChecksum.update(
            sum, buffer, base + FrameHeader.BYTES, wal.pageSize(), header.checksumOrder());
    if (buffer.getLong(base + 16) != sum) {
      stop = Stop.OTHER_CHECKSUM;
      return false;
    }
    checksum = sum;
    frame++;
    return true;
  }

  private boolean fill() {
    base = 0;
    filled = 0;
    long position = wal.offset(frame + 1);
    for (int frames = Math.min(framesNext, framesMax); frames > 0; frames /= 2) {
      int bytes = frames * wal.frameBytes();
      headerFollows = read(position, bytes + FrameHeader.BYTES);
      if (headerFollows || read(position, bytes)) {
        filled = bytes;
        framesNext = 2 * frames;
        return true;
      }
    }
    return false;
  }

  private boolean read(long position, int bytes) {
    boolean complete = wal.bytes().readSome(position, buffer.clear().limit(bytes));
    buffer.clear();
    return complete;
  }

  /** As {@code !next()}, for where this life of the WAL mostly ends. */
  public boolean endsHere() {
    int behind = base + wal.frameBytes();
    if (behind < filled) {
      return !next();
    }
    boolean complete = headerFollows;
    long salts = buffer.getLong(behind + 8);
    if (!headerFollows) {
      complete = wal.bytes().readSome(wal.offset(frame + 1), following.clear());
      salts = following.getLong(8);
    }
    if (salts == header.salts()) {
      return !next();
    }
    stop = complete ? Stop.OTHER_SALTS : Stop.END_OF_FILE;
    return true;
  }

  /** Why there was no next frame. */
  public Stop stopped() {
    return stop;
  }

  /** Number of the current frame, from 1. */
  public int frame() {
    return frame;
  }

  /** The current frame's page. */
  public int pageNumber() {
    return buffer.getInt(base);
  }

  /** The database's size if the current frame ends a transaction, otherwise 0. */
  public int databasePages() {
    return buffer.getInt(base + 4);
  }

  /** Checksum up to and including the current frame. */
  public long checksum() {
    return checksum;
  }

  /** Copies the current frame's page to {@code target}, from {@code offset} on. */
  public void copyPage(byte[] target, int offset) {
    buffer.get(base + FrameHeader.BYTES, target, offset, wal.pageSize());
  }
}
