package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes a database's main file, before SQLite opens it. */
final class DatabaseFiles {
  private DatabaseFiles() {}

  /** Makes the main file of a new database; what an earlier one of that name left is removed. */
  static Path create(Path folder, Command.Create create) {
    Path path = folder.resolve(create.database().value());
    try {
      Files.deleteIfExists(folder.resolve(create.database() + "-wal"));
      Files.deleteIfExists(folder.resolve(create.database() + "-shm"));
      try (FileChannel file =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        for (PageImage page : create.pages()) {
          ByteBuffer content = page.content().duplicate();
          while (content.hasRemaining()) {
            file.write(content);
          }
        }
      }
      return path;
    } catch (IOException e) {
      throw new BalsaException("cannot make " + path + ": " + e.getMessage(), e);
    }
  }
}
