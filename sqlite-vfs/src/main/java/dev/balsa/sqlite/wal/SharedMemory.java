package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;

/**
 * The memory that a wal-index lives in, in regions of 32 KiB, as SQLite's VFS hands it out (<a
 * href="https://sqlite.org/c3ref/io_methods.html">xShmMap, xShmBarrier</a>).
 */
public interface SharedMemory {
  /** Size of a region in bytes. */
  int REGION_BYTES = 32 * 1024;

  /**
   * Maps a region, adding it if there is none; the same region every time.
   *
   * @return its bytes, in native order; nobody may touch them after the memory was unmapped
   */
  ByteBuffer region(int index);

  /** What was stored before is seen by all before what is stored after. */
  void barrier();
}
