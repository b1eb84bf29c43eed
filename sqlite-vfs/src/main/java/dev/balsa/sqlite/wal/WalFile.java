package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A WAL file as header and numbered frames. Frames count from 1; "frame 0" stands for the header.
 *
 * <p>A WAL begins anew by a new header, with other salts. The file need not be cut for that: frames
 * of former lives stay behind those of the present one until they are overwritten, and are known by
 * their salts, which the header does not have. Between two lives the header is zeros.
 *
 * <p>Not safe for use by several threads.
 */
public final class WalFile {
  private final WalBytes bytes;
  private final int pageSize;
  private final ByteBuffer small = ByteBuffer.allocateDirect(WalHeader.BYTES);

  /** The WAL in {@code bytes} of a database with pages of {@code pageSize} bytes. */
  public WalFile(WalBytes bytes, int pageSize) {
    Invariant.check(PageSize.valid(pageSize), "page size %d", pageSize);
    this.bytes = bytes;
    this.pageSize = pageSize;
  }

  /** In bytes. */
  public int pageSize() {
    return pageSize;
  }

  /** Bytes of one frame: its header and a page. */
  public int frameBytes() {
    return FrameHeader.BYTES + pageSize;
  }

  /** The file's size in bytes. */
  public long size() {
    return bytes.size();
  }

  /** Where a frame begins, in bytes. */
  public long offset(int frame) {
    return WalHeader.BYTES + (frame - 1L) * frameBytes();
  }

  /** Size of a file that ends with {@code frame}; no bytes at all for frame 0. */
  public long sizeUpTo(int frame) {
    return frame == 0 ? 0 : offset(frame + 1);
  }

  /**
   * Whether that frame is all there, and no other of its life follows, valid or not; with frame 0,
   * whether there is no header.
   *
   * @param salts the present life's; not used with frame 0
   */
  public boolean endsAfter(int frame, long salts) {
    if (frame == 0) {
      return !readHeader();
    }
    long end = sizeUpTo(frame);
    if (!hasByte(end - 1)) {
      return false;
    }
    boolean another = bytes.readSome(end, small.clear().limit(FrameHeader.BYTES));
    // Too few bytes for a frame's header: nobody leaves that but by accident.
    return another ? FrameHeader.decode(small, 0).salts() != salts : !hasByte(end);
  }

  /** Reads the header's bytes; false if the file has not that many, or they are zeros. */
  private boolean readHeader() {
    if (!bytes.readSome(0, small.clear())) {
      return false;
    }
    long any = 0;
    for (int at = 0; at < WalHeader.BYTES; at += Long.BYTES) {
      any |= small.getLong(at);
    }
    return any != 0;
  }

  private boolean hasByte(long position) {
    return bytes.readSome(position, small.clear().limit(1));
  }

  /**
   * Reads and verifies the header.
   *
   * @return null if the file is too short to have one, or has been {@linkplain #endLife wiped}
   * @throws WalFormatException if it is damaged, or its page size is not the database's
   */
  public @Nullable WalHeader header() {
    if (!readHeader()) {
      return null;
    }
    WalHeader header = WalHeader.decode(small);
    if (header.pageSize() != pageSize) {
      throw new WalFormatException(
          "the WAL has pages of " + header.pageSize() + " bytes, its database of " + pageSize);
    }
    return header;
  }

  /** Reads and verifies the header of a file that must have one. */
  public WalHeader requireHeader() {
    WalHeader header = header();
    if (header == null) {
      throw new WalFormatException("the WAL has no header: its size is " + bytes.size());
    }
    return header;
  }

  /** Writes the header. */
  public void writeHeader(WalHeader header) {
    small.clear();
    header.encode(small);
    bytes.write(0, small);
  }

  /**
   * Ends the file's present life: its header becomes zeros, so no frame counts any more. The file's
   * space is kept for the next one.
   *
   * @param framesMax what the file holds beyond so many frames is cut off
   */
  public void endLife(int framesMax) {
    if (readHeader()) { // first: if this fails, all frames are still there
      small.clear().put(new byte[WalHeader.BYTES]).flip();
      bytes.write(0, small);
    }
    long sizeMax = sizeUpTo(framesMax);
    if (hasByte(sizeMax)) {
      bytes.truncate(sizeMax);
    }
  }

  /** Reads a frame's header; verifies nothing. */
  public FrameHeader frameHeader(int frame) {
    Invariant.check(frame > 0, "frame %d", frame);
    small.clear().limit(FrameHeader.BYTES);
    bytes.read(offset(frame), small);
    return FrameHeader.decode(small, 0);
  }

  /** Reads a frame's page into a direct buffer with that much room; verifies nothing. */
  public void readPage(int frame, ByteBuffer into) {
    Invariant.check(
        frame > 0 && into.remaining() == pageSize,
        "frame %d into %d bytes",
        frame,
        into.remaining());
    bytes.read(offset(frame) + FrameHeader.BYTES, into);
  }

  /** Cuts off whatever follows {@code frame}; the header too, if that is frame 0. */
  public void truncateAfter(int frame) {
    long size = sizeUpTo(frame);
    long found = bytes.size();
    Invariant.check(found >= size, "WAL of %d bytes, but frame %d ends at %d", found, frame, size);
    if (found > size) {
      bytes.truncate(size);
      Invariant.check(bytes.size() == size, "WAL cut to %d is %d long", size, bytes.size());
    }
  }

  WalBytes bytes() {
    return bytes;
  }
}
