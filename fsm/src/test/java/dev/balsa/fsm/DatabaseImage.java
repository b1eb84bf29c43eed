package dev.balsa.fsm;

import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a closed node's files amount to, as SQLite itself recovers them. */
final class DatabaseImage {
  private DatabaseImage() {}

  /** The main file after SQLite's own recovery and a full checkpoint, of a copy. */
  static byte[] of(Path database, Path scratch) throws IOException {
    Path copy = Files.createTempDirectory(scratch, "image").resolve("copy.db");
    Files.copy(database, copy);
    Path wal = Path.of(database + "-wal");
    if (Files.exists(wal)) {
      Files.copy(wal, Path.of(copy + "-wal"));
    }
    try (SqliteConnection connection = SqliteConnection.open(copy, OpenFlags.READWRITE, null)) {
      String check = connection.queryText("PRAGMA integrity_check");
      if (!"ok".equals(check)) {
        throw new AssertionError(database + ": " + check);
      }
      connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    return Files.readAllBytes(copy);
  }
}
