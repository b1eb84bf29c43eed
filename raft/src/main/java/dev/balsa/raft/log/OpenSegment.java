package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.core.io.IOTools;
import org.jspecify.annotations.Nullable;

/**
 * The file of a segment that is written: how far it is, and how far it is forced.
 *
 * <p>Its first force is of the whole file, each later one only of what came behind the end of the
 * last one. That is all that recovery needs. It goes from document to document, so it needs all
 * their headers, and our excerpts; neither changes once it is complete. What lies before the forced
 * end was forced as it is now, and what comes behind it, be it an excerpt or an index of
 * Chronicle's, the next range begins with. What Chronicle changes elsewhere (the write position on
 * the file's first page, the entries of an index) nobody reads after a crash. It would cost: a
 * force of the whole file writes those pages each time, apart from each other, and write-protects
 * them, which interrupts the other processors, and the next append runs into a page fault on each.
 *
 * <p>A range is forced through a mapping of our own, since Java has no other way to name one. Its
 * content is never touched. That is done on Linux alone, where {@code msync} is {@code fdatasync}
 * of a range of the mapped file: with a flush of the disk's cache, and with the errors of any write
 * to the file since it was opened. Elsewhere that is not said (macOS does not flush the disk), and
 * every force is of the whole file.
 *
 * <p>A mapping keeps the space of a deleted file, so it ends here and not when it is collected.
 * Chronicle's own could be used instead, but may be unmapped by Chronicle, in a thread of its own.
 *
 * <p>Calls must not overlap.
 */
final class OpenSegment implements AutoCloseable {
  private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

  private final Path file;
  private final FileLayer files;
  private final FileChannel channel;

  /** Null once it is unmapped: to use it then could take the JVM down, or sync something else. */
  private @Nullable MappedByteBuffer mapping;

  private int writtenTo;

  /** All before is durable, as far as it matters; 0 before the first force. */
  private int forcedTo;

  private OpenSegment(
      Path file, FileLayer files, FileChannel channel, @Nullable MappedByteBuffer mapping) {
    this.file = file;
    this.files = files;
    this.channel = channel;
    this.mapping = mapping;
  }

  /**
   * Opens a segment's file, of which nothing is written yet.
   *
   * @param blockBytes how much of it may be written; the file is no shorter
   */
  static OpenSegment open(Path file, int blockBytes, FileLayer files) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      Invariant.check(channel.size() >= blockBytes, "%s is too short", file);
      MappedByteBuffer mapping = LINUX ? channel.map(MapMode.READ_WRITE, 0, blockBytes) : null;
      return new OpenSegment(file, files, channel, mapping);
    } catch (Throwable e) {
      try {
        channel.close();
      } catch (IOException onClose) {
        e.addSuppressed(onClose);
      }
      throw e;
    }
  }

  Path file() {
    return file;
  }

  /** Writes behind what is written already. */
  void write(ByteBuffer content, long offset) throws IOException {
    Invariant.check(offset > writtenTo, "%d is written, and %d comes", writtenTo, offset);
    int end = Math.toIntExact(offset + content.remaining());
    files.write(file, channel, content, offset);
    writtenTo = end;
  }

  /** Makes durable what was written since the last force, and all that it stands on. */
  void force() throws IOException {
    MappedByteBuffer map = mapping;
    if (map == null || forcedTo == 0) {
      forceWhole();
      return;
    }
    files.forceRange(file, map, forcedTo, writtenTo);
    forcedTo = writtenTo;
  }

  /** Makes the whole file durable. */
  void forceWhole() throws IOException {
    files.force(file, channel);
    forcedTo = writtenTo;
  }

  /** Unmaps and closes the file. */
  @Override
  public void close() throws IOException {
    MappedByteBuffer map = mapping;
    mapping = null;
    try (channel) {
      if (map != null) {
        IOTools.clean(map);
      }
    }
  }
}
