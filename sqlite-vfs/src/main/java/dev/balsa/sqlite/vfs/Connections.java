package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;

/** Connections of the default VFS to a replicated database. None checkpoints by itself. */
final class Connections {
  private Connections() {}

  /** One that keeps the wal-index alive: it has read, and need not do anything again. */
  static SqliteConnection lasting(Path database) {
    return open(database, OpenFlags.READWRITE, "");
  }

  /** One that only reads. It has no mutex, which takes a tenth of a short query's time. */
  static SqliteConnection reader(Path database) {
    return open(database, OpenFlags.READONLY | OpenFlags.NOMUTEX, "; PRAGMA query_only=ON");
  }

  /** One that checkpoints, and leaves syncing to its owner. */
  static SqliteConnection checkpointer(Path database) {
    return open(database, OpenFlags.READWRITE, "; PRAGMA query_only=ON; PRAGMA synchronous=OFF");
  }

  private static SqliteConnection open(Path database, int flags, String pragmas) {
    SqliteConnection connection = SqliteConnection.open(database, flags, null);
    boolean opened = false;
    try {
      connection.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
      connection.dbConfig(DbConfig.DEFENSIVE, true);
      connection.dbConfig(DbConfig.TRUSTED_SCHEMA, false);
      connection.dbConfig(DbConfig.WRITABLE_SCHEMA, false);
      connection.dbConfig(DbConfig.ENABLE_LOAD_EXTENSION, false);
      connection.execute("PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0" + pragmas);
      connection.queryLong("SELECT count(*) FROM sqlite_schema");
      String mode = connection.queryText("PRAGMA journal_mode");
      if (!"wal".equals(mode)) {
        throw new SqliteException(
            ResultCode.MISUSE, database + " is in journal mode " + mode + " instead of wal");
      }
      opened = true;
      return connection;
    } finally {
      if (!opened) {
        connection.close();
      }
    }
  }
}
