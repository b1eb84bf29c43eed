package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.WalBytes;
import dev.balsa.sqlite.wal.WalFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pages of one writer's transactions back from the WAL: too many to be kept in memory,
 * and they are in that file anyway. They stay there until the writer is discarded, or the WAL
 * begins anew after its end; then {@link #end} comes first, and nothing is read any more.
 *
 * <p>It has a connection of its own, opened when it is first needed, so that no other thread uses
 * that one's file handle. Safe for use by several threads.
 */
final class FrameImages {
  private final Path database;
  private final int pageSize;
  private final UnaryOperator<WalBytes> faults;
  private @Nullable SqliteConnection connection;
  private @Nullable WalFile wal;
  private @Nullable ByteBuffer buffer;
  private boolean ended;

  FrameImages(Path database, int pageSize, UnaryOperator<WalBytes> faults) {
    this.database = database;
    this.pageSize = pageSize;
    this.faults = faults;
  }

  /** What a page's content is known by. */
  static int fingerprint(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content, 0, content.length);
    return (int) crc.getValue();
  }

  /**
   * Reads a page.
   *
   * @param fingerprint of the content that was captured
   * @throws CaptureException if the frame is gone, or holds something else
   * @throws dev.balsa.sqlite.SqliteException if it cannot be read
   */
  synchronized PageImage read(int frame, int pageNumber, int fingerprint) {
    if (ended) {
      throw new CaptureException("frame " + frame + " is gone: its writer was discarded", null);
    }
    WalFile file = wal;
    ByteBuffer direct = buffer;
    if (file == null || direct == null) {
      file = open();
      direct = ByteBuffer.allocateDirect(pageSize);
      buffer = direct;
    }
    file.readPage(frame, direct.clear());
    byte[] content = new byte[pageSize];
    direct.flip().get(content);
    if (fingerprint(content) != fingerprint) {
      throw new CaptureException(
          "frame " + frame + " does not hold page " + pageNumber + " as it was captured", null);
    }
    return new PageImage(pageNumber, ByteBuffer.wrap(content));
  }

  private WalFile open() {
    SqliteConnection opened = Connections.lasting(database);
    connection = opened;
    WalFile file = new WalFile(faults.apply(NativeFile.walOf(opened, database + "-wal")), pageSize);
    wal = file;
    return file;
  }

  /** Before the frames go: waits for who reads, and lets nobody read any more. */
  synchronized void end() {
    ended = true;
    wal = null;
    buffer = null;
    SqliteConnection opened = connection;
    connection = null;
    if (opened != null) {
      opened.close();
    }
  }
}
