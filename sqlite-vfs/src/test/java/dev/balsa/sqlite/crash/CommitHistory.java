package dev.balsa.sqlite.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Transactions of plain SQLite, and after which operation each of them was answered. */
final class CommitHistory {
  /** How SQLite works. */
  record Setting(String journalMode, String synchronous, int pageSize) {}

  private static final String FILE = "history.db";

  private final Setting setting;

  /** Of transaction i, from 0: the operations done when it was begun, and when it was answered. */
  private final List<Integer> begun = new ArrayList<>();

  private final List<Integer> answered = new ArrayList<>();

  CommitHistory(Setting setting) {
    this.setting = setting;
  }

  /** Makes a database, without transactions. */
  void create(Path folder) {
    open(folder).close();
  }

  /**
   * Opens the database, makes it if it is missing, commits, and closes it. Ends with the first
   * statement that fails.
   */
  void run(Path folder, DiskTrace trace, int transactions) {
    try (SqliteConnection db = open(folder)) {
      for (int n = 1; n <= transactions; n++) {
        begun.add(trace.size());
        commit(db, n);
        answered.add(trace.size());
      }
    }
  }

  private SqliteConnection open(Path folder) {
    SqliteConnection db =
        SqliteConnection.open(folder.resolve(FILE), OpenFlags.READWRITE | OpenFlags.CREATE, null);
    boolean opened = false;
    try {
      db.execute("PRAGMA page_size=" + setting.pageSize());
      db.execute("PRAGMA synchronous=" + setting.synchronous());
      db.execute("PRAGMA cache_size=8");
      db.execute("PRAGMA wal_autocheckpoint=20");
      db.queryText("PRAGMA journal_mode=" + setting.journalMode());
      if (db.queryLong("SELECT count(*) FROM sqlite_schema") == 0) {
        db.execute(
            "BEGIN; CREATE TABLE done(n INTEGER PRIMARY KEY); CREATE TABLE last(n);"
                + " CREATE TABLE filler(id INTEGER PRIMARY KEY, v);"
                + " CREATE INDEX fillers ON filler(v); INSERT INTO last VALUES (0); COMMIT");
      }
      opened = true;
      return db;
    } finally {
      if (!opened) {
        db.close();
      }
    }
  }

  private static void commit(SqliteConnection db, int n) {
    db.execute("BEGIN IMMEDIATE");
    db.execute("INSERT INTO done VALUES (" + n + ")");
    db.execute("UPDATE last SET n=" + n);
    if (n % 4 == 0) {
      db.execute("DELETE FROM filler WHERE id%3=" + n % 3);
    } else {
      int rows = n % 5 == 0 ? 12 : 1;
      for (int row = 0; row < rows; row++) {
        db.execute("INSERT INTO filler(v) VALUES (randomblob(" + n * 97 % 700 + "))");
      }
    }
    db.execute("COMMIT");
  }

  /**
   * Lets SQLite recover an image, and looks whether it is sound, and has every transaction that was
   * answered when the power failed, whole, and none that was not begun.
   *
   * @return the transactions found
   */
  int check(Path folder, int operations) {
    return check(folder, operations, 0);
  }

  /** As {@link #check(Path, int)}; of those answered, the last ones {@code lost} may be missing. */
  int check(Path folder, int operations, int lost) {
    int found = found(folder);
    assertThat(found).as("transactions").isBetween(answered(operations) - lost, begun(operations));
    return found;
  }

  /** How many transactions were answered when so many operations were done. */
  int answered(int operations) {
    return (int) answered.stream().filter(at -> at <= operations).count();
  }

  private int begun(int operations) {
    return (int) begun.stream().filter(at -> at <= operations).count();
  }

  private static int found(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return 0;
    }
    try (SqliteConnection db = SqliteConnection.open(file, OpenFlags.READWRITE, null)) {
      assertThat(db.queryText("PRAGMA integrity_check")).isEqualTo("ok");
      if (db.queryLong("SELECT count(*) FROM sqlite_schema") == 0) {
        return 0;
      }
      long found = db.queryLong("SELECT n FROM last");
      assertThat(db.queryLong("SELECT count(*) FROM done")).as("rows").isEqualTo(found);
      assertThat(db.queryLong("SELECT coalesce(max(n), 0) FROM done")).isEqualTo(found);
      return (int) found;
    } catch (SqliteException e) {
      throw new AssertionError("SQLite cannot recover", e);
    }
  }
}
