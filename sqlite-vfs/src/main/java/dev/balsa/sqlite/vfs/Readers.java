package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.SqliteConnection;
import java.nio.file.Path;

/** Opens connections to the committed view: ordinary SQLite, for reading only. */
public final class Readers {
  private Readers() {}

  /**
   * Opens a reader. The database's {@link Publisher} must be open, and stay open for longer. Used
   * by one thread at a time, {@link SqliteConnection#interrupt} excepted: SQLite does not check it.
   *
   * @throws dev.balsa.sqlite.SqliteException if it cannot be opened or is not in WAL mode
   */
  public static SqliteConnection open(Path database) {
    return Connections.reader(database);
  }
}
