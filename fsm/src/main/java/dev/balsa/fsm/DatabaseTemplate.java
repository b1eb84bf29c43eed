package dev.balsa.fsm;

import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The pages of an empty database in WAL mode, as SQLite itself makes them. */
final class DatabaseTemplate {
  private DatabaseTemplate() {}

  /** Makes the pages, in a file of the system's temporary folder that is removed again. */
  static List<PageImage> pages(int pageSize) {
    try {
      Path folder = Files.createTempDirectory("balsa-template");
      Path file = folder.resolve("template.db");
      try {
        try (SqliteConnection connection =
            SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
          connection.execute("PRAGMA page_size=" + pageSize);
          String mode = connection.queryText("PRAGMA journal_mode=wal");
          if (!"wal".equals(mode)) {
            throw new BalsaException("SQLite cannot use WAL mode in " + folder + ": " + mode);
          }
        }
        byte[] bytes = Files.readAllBytes(file);
        List<PageImage> pages = new ArrayList<>();
        for (int i = 0; i < bytes.length / pageSize; i++) {
          pages.add(new PageImage(i + 1, ByteBuffer.wrap(bytes, i * pageSize, pageSize).slice()));
        }
        return pages;
      } finally {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
          Files.deleteIfExists(folder.resolve("template.db" + suffix));
        }
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new BalsaException("cannot make a new database: " + e.getMessage(), e);
    }
  }
}
