package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.wal.WalFile;
import dev.balsa.sqlite.wal.WalIndex;
import java.nio.ByteBuffer;

/**
 * Reads single pages of what is published, where a reader finds them: the newest published frame of
 * a page if the WAL has one, else the main file. Both through SQLite's own handles. Used by the
 * publisher's thread, while the publisher is open.
 */
public final class PublishedPages {
  private final Publisher publisher;
  private final WalIndex index;
  private final WalFile wal;
  private final NativeFile main;

  PublishedPages(Publisher publisher, WalIndex index, WalFile wal, NativeFile main) {
    this.publisher = publisher;
    this.index = index;
    this.wal = wal;
    this.main = main;
  }

  /** The newest published frame of a page, 0 if it is in the main file alone. */
  public int frameOf(int pageNumber) {
    return index.findFrame(pageNumber, publisher.publishedFrames());
  }

  /**
   * Reads the page that a frame holds; verifies nothing.
   *
   * @param into direct, a page long
   * @throws dev.balsa.sqlite.SqliteException if it cannot be read
   */
  public void readFrame(int frame, ByteBuffer into) {
    wal.readPage(frame, into);
  }

  /**
   * Reads a page of the main file; what is beyond its end is read as zeros.
   *
   * @param into direct, a page long
   * @throws dev.balsa.sqlite.SqliteException if it cannot be read
   */
  public void readMainFile(int pageNumber, ByteBuffer into) {
    main.readSome((pageNumber - 1L) * wal.pageSize(), into);
  }
}
