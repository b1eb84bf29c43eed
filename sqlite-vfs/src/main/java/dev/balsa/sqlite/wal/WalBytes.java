package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;

/**
 * Where a WAL's bytes are. Positions and sizes are in bytes. An operation that fails throws an
 * unchecked exception and says why; it never answers as if it had succeeded.
 *
 * <p>An implementation must survive {@link Thread#interrupt()}: a {@code FileChannel} does not (an
 * interrupt closes it under everybody), so the product reads and writes through SQLite's own file
 * handles.
 */
public interface WalBytes {
  /** The file's size. */
  long size();

  /** Fills {@code into}, from its position to its limit, with the bytes at {@code position}. */
  void read(long position, ByteBuffer into);

  /**
   * As {@link #read}; what the file does not have any more is filled with zeros, as SQLite does.
   *
   * <p>Much cheaper than to ask for the size first: since Linux 6.13, once somebody has asked for a
   * file's attributes, the next write to it takes down the time exactly, and so does from then on
   * the next one to any other file: each changes its inode, which a force of it may have to write.
   *
   * @return whether the file has all of it
   */
  boolean readSome(long position, ByteBuffer into);

  /** Writes {@code from}, from its position to its limit, at {@code position}. */
  void write(long position, ByteBuffer from);

  /** Cuts the file to {@code size}. */
  void truncate(long size);
}
