package dev.balsa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.DemoChecker.Verdict;
import dev.balsa.sqlite.CheckpointMode;
import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three databases as three nodes would leave them; then one is spoilt, and that must be found. */
class DemoCheckerTest {
  private static final long[] ROWS = LongStream.rangeClosed(1, 500).toArray();

  @TempDir Path folder;
  private final Map<Long, Path> databases = new TreeMap<>();

  @BeforeEach
  void threeEqualDatabases() throws IOException {
    Path one = folder.resolve("node1.db");
    try (SqliteConnection db = open(one)) {
      db.execute("PRAGMA journal_mode=WAL; CREATE TABLE entries(id INTEGER NOT NULL, word BLOB)");
      db.execute("CREATE INDEX entries_id ON entries(id)");
      db.execute(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
              + " INSERT INTO entries SELECT i, randomblob(100) FROM n");
      db.checkpoint(CheckpointMode.TRUNCATE);
      // The rest stays in the WAL, as nodes leave it.
      db.execute(
          "WITH RECURSIVE n(i) AS (SELECT 401 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
              + " INSERT INTO entries SELECT i, randomblob(100) FROM n");
    }
    assertThat(wal(one)).exists();
    databases.put(1L, one);
    for (long node = 2; node <= 3; node++) {
      Path copy = folder.resolve("node" + node + ".db");
      Files.copy(one, copy);
      Files.copy(wal(one), wal(copy));
      databases.put(node, copy);
    }
  }

  private static SqliteConnection open(Path file) {
    SqliteConnection db = SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null);
    db.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
    return db;
  }

  private static Path wal(Path database) {
    return Path.of(database + "-wal");
  }

  private Path database(long node) {
    return folder.resolve("node" + node + ".db");
  }

  private Verdict check(long... acknowledged) throws IOException {
    return new DemoChecker("entries", folder.resolve("check")).check(databases, acknowledged);
  }

  @Test
  void equalDatabasesWithAllRowsAreGood() throws IOException {
    Verdict verdict = check(ROWS);
    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict).isEqualTo(new Verdict(500, 0, 0, true, true, List.of()));
  }

  @Test
  void checkingChangesNothingAndCanBeRepeated() throws IOException {
    byte[] before = Files.readAllBytes(wal(database(2)));
    check(ROWS);
    assertThat(Files.readAllBytes(wal(database(2)))).isEqualTo(before);
    assertThat(check(ROWS).good()).isTrue();
  }

  @Test
  void rowsThatNobodyAcknowledgedAreNoProblem() throws IOException {
    assertThat(check(1, 2, 3).good()).isTrue();
  }

  @Test
  void anAcknowledgedRowThatIsOnNoNodeIsLost() throws IOException {
    Verdict verdict = check(LongStream.rangeClosed(1, 501).toArray());
    assertThat(verdict.lost()).isEqualTo(1);
    assertThat(verdict.problems()).hasSize(3).allMatch(p -> p.contains("such as 501"));
    assertThat(verdict.identical()).isTrue();
  }

  @Test
  void aRowRemovedOnOneNodeIsFound() throws IOException {
    try (SqliteConnection db = open(database(2))) {
      db.execute("DELETE FROM entries WHERE id = 77");
    }
    Verdict verdict = check(ROWS);
    assertThat(verdict.lost()).isEqualTo(1);
    assertThat(verdict.identical()).isFalse();
    assertThat(verdict.problems()).contains("node 2 lacks 1 acknowledged rows, such as 77");
  }

  @Test
  void aRowDoubledOnOneNodeIsFound() throws IOException {
    try (SqliteConnection db = open(database(3))) {
      db.execute("INSERT INTO entries SELECT * FROM entries WHERE id = 78");
      db.execute("INSERT INTO entries SELECT * FROM entries WHERE id = 78");
    }
    Verdict verdict = check(ROWS);
    assertThat(verdict.doubled()).isEqualTo(1);
    assertThat(verdict.lost()).isZero();
    assertThat(verdict.problems()).contains("node 3 has 1 rows more than once, such as 78");
  }

  @Test
  void aRowDoubledOnAllNodesIsFound() throws IOException {
    for (Path database : databases.values()) {
      try (SqliteConnection db = open(database)) {
        db.execute("INSERT INTO entries SELECT * FROM entries WHERE id = 79");
      }
    }
    Verdict verdict = check(ROWS);
    assertThat(verdict.doubled()).isEqualTo(1);
    assertThat(verdict.identical()).isTrue();
    assertThat(verdict.good()).isFalse();
  }

  @Test
  void aBitChangedInAPageOfOneNodeIsFound() throws IOException {
    // In the last bytes of a page that the WAL does not replace: a blob's content.
    try (RandomAccessFile file = new RandomAccessFile(database(2).toFile(), "rw")) {
      long at = 3 * 4096 + 4090;
      file.seek(at);
      int old = file.read();
      file.seek(at);
      file.write(old ^ 1);
    }
    Verdict verdict = check(ROWS);
    assertThat(verdict.identical()).isFalse();
    assertThat(verdict.lost()).isZero();
    assertThat(String.join("\n", verdict.problems()))
        .contains("nodes 1 and 2 differ: 1 pages, such as page numbers [4]")
        .doesNotContain("nodes 1 and 3");
  }

  @Test
  void aWalThatLacksItsEndIsFound() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(wal(database(3)).toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }
    Verdict verdict = check(ROWS);
    assertThat(verdict.lost()).isEqualTo(100);
    assertThat(verdict.identical()).isFalse();
  }

  @Test
  void aPageThatSqliteFindsDamagedIsFound() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(database(1).toFile(), "rw")) {
      file.seek(3 * 4096);
      file.write(new byte[64]);
    }
    Verdict verdict = check(ROWS);
    assertThat(verdict.intact()).isFalse();
    assertThat(verdict.good()).isFalse();
  }

  @Test
  void aMissingDatabaseIsFound() throws IOException {
    Files.delete(database(2));
    Verdict verdict = check(ROWS);
    assertThat(verdict.lost()).isEqualTo(500);
    assertThat(verdict.identical()).isFalse();
    assertThat(verdict.problems()).anyMatch(p -> p.startsWith("node 2 has no database"));
  }

  @Test
  void anIdAcknowledgedTwiceIsFound() throws IOException {
    assertThat(check(1, 2, 2).problems())
        .containsExactly("the application acknowledged some row ids twice");
  }
}
