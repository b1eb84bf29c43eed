package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node that stops in order leaves for its next start, for each database whose main file then
 * is all there is: the hashes of the pages, and the file's size and time. If all of that still
 * holds, the start need not read the file. Nothing depends on it: whatever is missing, damaged or
 * does not fit is ignored, and the file is read.
 *
 * <pre>
 *   i32 length of the record | record | i64 size | i64 time | i32 pages | i64 hash each | i32 CRC-32C
 * </pre>
 */
final class CleanStop {
  private static final Logger log = LoggerFactory.getLogger(CleanStop.class);
  private static final String PREFIX = "_pages.";

  private CleanStop() {}

  /** Whether a file was left by a clean stop. */
  static boolean isPart(Path file) {
    return file.getFileName().toString().startsWith(PREFIX);
  }

  private static Path of(Path mainFile) {
    return mainFile.resolveSibling(PREFIX + mainFile.getFileName());
  }

  /** Leaves it, of a database that has just been closed after its last checkpoint. */
  static void keep(FileLayer files, Path folder, Database database, Catalogue catalogue) {
    DatabaseRecord record = catalogue.state().databases().get(database.name());
    Path mainFile = folder.resolve(database.name().value());
    if (record == null || record.index() != record.begun()) {
      return;
    }
    try {
      write(files, mainFile, record, database.hashes());
    } catch (IOException e) {
      log.info("the next start reads {} in full: {}", mainFile, e.getMessage());
    }
  }

  private static void write(FileLayer files, Path mainFile, DatabaseRecord record, long[] hashes)
      throws IOException {
    ByteBuffer out =
        ByteBuffer.allocate(4 + record.encodedBytes() + 8 + 8 + 4 + hashes.length * 8 + 4);
    out.putInt(record.encodedBytes());
    record.encode(out);
    try (FileLayer.File file = files.open(mainFile)) {
      out.putLong(file.size());
    }
    out.putLong(files.modifiedNanos(mainFile)).putInt(hashes.length);
    for (long hash : hashes) {
      out.putLong(hash);
    }
    out.putInt(checksum(out.array(), out.position())).flip();
    try (FileLayer.File file = files.open(of(mainFile))) {
      file.resize(0);
      file.write(0, out);
      file.force();
    }
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /**
   * Takes what a clean stop has left, once.
   *
   * @param file the main file, open
   * @param known what the catalogue says of it
   * @return the hashes of its pages; null if the file must be read
   */
  static long @Nullable [] take(
      FileLayer files, Path mainFile, FileLayer.File file, DatabaseRecord known)
      throws IOException {
    Path path = of(mainFile);
    if (!files.exists(path)) {
      return null;
    }
    long[] hashes = null;
    try (FileLayer.File left = files.open(path)) {
      hashes = read(left, file, files.modifiedNanos(mainFile), known);
    }
    files.delete(path);
    return hashes;
  }

  private static long @Nullable [] read(
      FileLayer.File left, FileLayer.File file, long modified, DatabaseRecord known)
      throws IOException {
    int expected = 4 + known.encodedBytes() + 8 + 8 + 4 + known.pages() * 8 + 4;
    if (left.size() != expected) {
      return null;
    }
    ByteBuffer in = ByteBuffer.allocate(expected);
    left.read(0, in);
    in.flip();
    if (in.getInt(expected - 4) != checksum(in.array(), expected - 4)
        || in.getInt() != known.encodedBytes()
        || !DatabaseRecord.decode(in).equals(known)
        || in.getLong() != file.size()
        || in.getLong() != modified
        || in.getInt() != known.pages()) {
      return null;
    }
    long[] hashes = new long[known.pages()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = in.getLong();
    }
    // The first page has SQLite's change counter, and nearly every change changes it.
    ByteBuffer first = ByteBuffer.allocate(known.pageSize());
    file.read(0, first);
    first.clear();
    return DatabaseChecksum.hash(1, first, known.pageSize()) == hashes[0] ? hashes : null;
  }
}
