package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.file.Path;

/** Makes and removes a database's files, while SQLite does not have them open. */
final class DatabaseFiles {
  private DatabaseFiles() {}

  /**
   * Makes the main file of a new database, durably; what an earlier one of that name left is
   * removed.
   */
  static Path create(FileLayer files, Path folder, Command.Create create) throws IOException {
    Path path = folder.resolve(create.database().value());
    deleteCompanions(files, path);
    try (FileLayer.File file = files.open(path)) {
      file.resize(0);
      for (PageImage page : create.pages()) {
        file.write((page.pageNumber() - 1L) * create.pageSize(), page.content().duplicate());
      }
      file.force();
    }
    files.forceFolder(folder);
    return path;
  }

  /** Removes all files of a database, durably. */
  static void delete(FileLayer files, Path folder, DatabaseName name) throws IOException {
    Path path = folder.resolve(name.value());
    deleteCompanions(files, path);
    files.delete(path);
    files.forceFolder(folder);
  }

  /** Removes WAL and shared memory, which no main file of another life may find. */
  static void deleteCompanions(FileLayer files, Path path) throws IOException {
    files.delete(Path.of(path + "-wal"));
    files.delete(Path.of(path + "-shm"));
  }
}
