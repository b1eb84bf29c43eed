package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a transaction whose last part has not come, of a database whose main file is being
 * made good: there is no WAL yet that could take them, and the main file must not have them before
 * it is known that all of them will be there. Not durable: what a crash leaves is deleted, and the
 * parts are in the log.
 *
 * <p>Used by one thread.
 */
final class PartsFile implements AutoCloseable {
  /** No database's name begins like that. */
  private static final String PREFIX = ".parts-";

  private static final int READ_BYTES = 1 << 20;
  private static final int NUMBER_BYTES = 4;

  private final FileLayer files;
  private final Path path;
  private final int pageSize;
  private FileLayer.@Nullable File file;
  private long bytes;

  /** Beside a main file. Nothing is opened before there are pages. */
  PartsFile(FileLayer files, Path mainFile, int pageSize) {
    this.files = files;
    this.path = mainFile.resolveSibling(PREFIX + mainFile.getFileName());
    this.pageSize = pageSize;
  }

  Path path() {
    return path;
  }

  /** What is done with pages. */
  interface Taker {
    /** Takes the next pages. */
    void take(List<PageImage> pages) throws IOException;
  }

  /** Adds a part's pages. If that fails it can be repeated. */
  void add(List<PageImage> pages) throws IOException {
    FileLayer.File open = file;
    if (open == null) {
      open = files.open(path);
      file = open;
      open.resize(0);
    }
    ByteBuffer record = ByteBuffer.allocate(pages.size() * (NUMBER_BYTES + pageSize));
    for (PageImage page : pages) {
      record.putInt(page.pageNumber()).put(page.content().duplicate());
    }
    int added = record.flip().remaining();
    open.write(bytes, record);
    bytes += added;
  }

  /** Hands over all pages in their order, a few at a time. */
  void read(Taker taker) throws IOException {
    FileLayer.File open = file;
    int pageBytes = NUMBER_BYTES + pageSize;
    int chunk = Math.max(1, READ_BYTES / pageBytes) * pageBytes;
    for (long position = 0; open != null && position < bytes; position += chunk) {
      ByteBuffer in = ByteBuffer.allocate((int) Math.min(chunk, bytes - position));
      int read = open.read(position, in);
      if (read != in.capacity()) {
        throw new IOException(path + " ends at " + (position + read) + ", not at " + bytes);
      }
      List<PageImage> pages = new ArrayList<>();
      for (int at = 0; at < in.capacity(); at += pageBytes) {
        pages.add(new PageImage(in.getInt(at), in.slice(at + NUMBER_BYTES, pageSize)));
      }
      taker.take(pages);
    }
  }

  /** Forgets all pages. */
  void clear() throws IOException {
    bytes = 0;
    FileLayer.File open = file;
    if (open != null) {
      open.resize(0);
    }
  }

  /** Deletes the file. */
  @Override
  public void close() throws IOException {
    bytes = 0;
    FileLayer.File open = file;
    file = null;
    if (open != null) {
      open.close();
      files.delete(path);
    }
  }
}
