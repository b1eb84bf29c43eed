package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.sqlite.SQLiteConnection;

/** Makes databases, and asks SQLite, by another way than ours, what is in them. */
public final class TestDatabase {
  /**
   * For how many frames a WAL that begins anew keeps its space in tests: for all that they need.
   */
  public static final int KEPT = 100_000;

  /** How a database is made. */
  public record Shape(int pageSize, int autoVacuum) {
    public static Shape of(int pageSize) {
      return new Shape(pageSize, 0);
    }
  }

  private TestDatabase() {}

  /** Makes a database in WAL mode, with two tables, and no WAL yet. */
  public static Path create(Path file, Shape shape) {
    try (SqliteConnection db =
        SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      db.execute("PRAGMA synchronous=OFF");
      db.execute("PRAGMA page_size=" + shape.pageSize());
      db.execute("PRAGMA auto_vacuum=" + shape.autoVacuum());
      db.queryText("PRAGMA journal_mode=WAL");
      db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
      db.execute("CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER)");
      db.execute(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<10)"
              + " INSERT INTO account SELECT i, 100 FROM n");
    }
    return file;
  }

  /** Makes a database with pages of 4096 bytes. */
  public static Path create(Path file) {
    return create(file, Shape.of(4096));
  }

  /** All pages as a reader sees them now, read by SQLite's own sqlite3_serialize. */
  public static byte[] image(Path file) {
    try (SQLiteConnection db =
        (SQLiteConnection) DriverManager.getConnection("jdbc:sqlite:" + file)) {
      return db.serialize("main");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Opens as any application would that knows nothing of us. */
  public static SqliteConnection stranger(Path file) {
    return SqliteConnection.open(file, OpenFlags.READWRITE, null);
  }

  /** Where SQLite keeps a database's WAL. */
  public static Path wal(Path file) {
    return Path.of(file + "-wal");
  }

  /** Copies a file that nobody has open in this process. */
  public static void copy(Path from, Path to) {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a file that nobody has open in this process. */
  public static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Size of a WAL; 0 if there is none. */
  public static long walSize(Path file) {
    try {
      return Files.exists(wal(file)) ? Files.size(wal(file)) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
