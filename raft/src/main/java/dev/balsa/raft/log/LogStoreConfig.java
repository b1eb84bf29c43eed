package dev.balsa.raft.log;

import java.util.Objects;

/**
 * How a log is kept.
 *
 * @param nodeId the node whose log it is, above 0; a folder with another node's log is refused
 * @param blockBytes size of a segment. A segment is allocated whole, and one more is kept ready.
 *     From {@link #BLOCK_BYTES_MIN}; entries of the largest size need {@link
 *     #BLOCK_BYTES_FOR_ANY_ENTRY}
 * @param files the file operations on which durability rests
 */
public record LogStoreConfig(long nodeId, int blockBytes, FileLayer files) {
  /** The default size of a segment, 64 MiB. */
  public static final int BLOCK_BYTES_DEFAULT = 64 << 20;

  /** Smallest segment in which every entry fits, 16 MiB. */
  public static final int BLOCK_BYTES_FOR_ANY_ENTRY = 16 << 20;

  /** Smallest segment, 256 KiB: for tests, whose entries must then be below 32,000 bytes. */
  public static final int BLOCK_BYTES_MIN = 256 << 10;

  /** Checks the bounds. */
  public LogStoreConfig {
    Objects.requireNonNull(files);
    if (nodeId < 1) {
      throw new IllegalArgumentException("node ids are numbers from 1, not " + nodeId);
    }
    if (blockBytes < BLOCK_BYTES_MIN || blockBytes > 1 << 30 || blockBytes % 4096 != 0) {
      throw new IllegalArgumentException(
          "log segments are from 256 KiB to 1 GiB, in multiples of 4 KiB, not "
              + blockBytes
              + " bytes");
    }
  }

  /** The defaults: segments of 64 MiB on the operating system's files. */
  public static LogStoreConfig of(long nodeId) {
    return new LogStoreConfig(nodeId, BLOCK_BYTES_DEFAULT, FileLayer.system());
  }

  /** The same with another segment size. */
  public LogStoreConfig withBlockBytes(int bytes) {
    return new LogStoreConfig(nodeId, bytes, files);
  }

  /** The same with other file operations. */
  public LogStoreConfig withFiles(FileLayer layer) {
    return new LogStoreConfig(nodeId, blockBytes, layer);
  }

  /** Largest excerpt: a batch beyond it is cut into several. */
  int excerptBytesMax() {
    return Math.min(4 << 20, blockBytes / 8);
  }

  /** A segment file's size: Chronicle maps a quarter more than a block. Never written there. */
  long fileBytes() {
    return blockBytes + blockBytes / 4L;
  }
}
