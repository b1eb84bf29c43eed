package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Reads a replicated database's main file as it is, byte by byte, while others checkpoint into it:
 * what is read may be older or newer from one page to the next, and a page may be half of each. It
 * goes through a connection of its own, so that no descriptor is closed under SQLite's locks; it
 * holds no lock, and keeps nobody from anything.
 *
 * <p>Used by one thread. If the database is removed meanwhile, this still reads what it was.
 */
public final class MainFileReader implements AutoCloseable {
  private final SqliteConnection connection;
  private final NativeFile file;

  private MainFileReader(SqliteConnection connection, Path database) {
    this.connection = connection;
    this.file = NativeFile.main(connection.fileHandle(), database.toString());
  }

  /**
   * Opens the main file of a database that a {@link Publisher} of this process has open.
   *
   * @throws SqliteException if that fails
   */
  public static MainFileReader open(Path database) {
    SqliteConnection connection = Connections.reader(database);
    boolean opened = false;
    try {
      MainFileReader reader = new MainFileReader(connection, database);
      opened = true;
      return reader;
    } finally {
      if (!opened) {
        connection.close();
      }
    }
  }

  /**
   * Fills a buffer.
   *
   * @param into direct; what is beyond the file's end is read as zeros
   * @throws SqliteException if the file cannot be read
   */
  public void read(long position, ByteBuffer into) {
    long there = Math.max(0, Math.min(into.remaining(), file.size() - position));
    int limit = into.limit();
    into.limit(into.position() + (int) there);
    file.readSome(position, into);
    into.limit(limit);
    while (into.hasRemaining()) {
      into.put((byte) 0);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
