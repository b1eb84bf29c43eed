package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaCheckerTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;
  private final Map<Long, Path> files = new TreeMap<>();

  /** The last rows are in the WAL, as nodes leave them. */
  @BeforeEach
  void threeEqualDatabases() throws IOException {
    Path one = folder.resolve("one.db");
    try (SqliteConnection database =
        SqliteConnection.open(one, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      database.dbConfig(DbConfig.NO_CKPT_ON_CLOSE, true);
      database.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, x BLOB)");
      database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      database.execute("INSERT INTO t VALUES (1, zeroblob(20000)), (2, randomblob(20000))");
    }
    files.put(1L, one);
    for (long node = 2; node <= 3; node++) {
      Path copy = folder.resolve("node" + node + ".db");
      Files.copy(one, copy);
      Files.copy(folder.resolve("one.db-wal"), folder.resolve("node" + node + ".db-wal"));
      files.put(node, copy);
    }
  }

  @Test
  void equalDatabasesAreValid() {
    Finding finding = check();
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts()).containsEntry("replicas", 3);
  }

  @Test
  void anotherRowIsADifference() {
    try (SqliteConnection database =
        SqliteConnection.open(files.getOrDefault(2L, folder), OpenFlags.READWRITE, null)) {
      database.execute("INSERT INTO t VALUES (3, 'c')");
    }
    assertAnomaly("replicas-differ", "nodes 1 and 2 differ: ");
  }

  @Test
  void aByteThatNoRowHoldsIsADifference() throws IOException {
    try (SqliteConnection database =
        SqliteConnection.open(files.getOrDefault(3L, folder), OpenFlags.READWRITE, null)) {
      database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    // Overflow pages of the first blob: SQLite finds nothing wrong with another byte in it.
    try (RandomAccessFile file =
        new RandomAccessFile(files.getOrDefault(3L, folder).toFile(), "rw")) {
      file.seek(3L * PAGE + 1000);
      file.write(1);
    }
    assertAnomaly("replicas-differ", "nodes 1 and 3 differ: 1 pages");
  }

  @Test
  void aMissingDatabaseIsDamage() throws IOException {
    Files.delete(files.getOrDefault(2L, folder));
    assertAnomaly("damaged-replica", "node 2 has no database");
  }

  @Test
  void whatIsNoDatabaseIsDamage() throws IOException {
    Files.writeString(files.getOrDefault(2L, folder), "no database at all, but text".repeat(1000));
    Files.delete(folder.resolve("node2.db-wal"));
    assertAnomaly("damaged-replica", "node 2: SQLite cannot read the database");
  }

  @Test
  void oneDatabaseAloneIsUnknown() {
    files.keySet().retainAll(Set.of(1L));
    assertThat(check().missing()).containsExactly("there is nothing to compare with");
  }

  @Test
  void aFolderThatIsNoNodesCannotBeVerified() {
    Finding finding =
        new ReplicaChecker("t", files, Map.of(1L, folder), folder.resolve("copies")).check();
    assertThat(finding.validity()).isEqualTo(Validity.UNKNOWN);
    assertThat(finding.missing())
        .singleElement()
        .asString()
        .startsWith("node 1 cannot be verified");
  }

  private Finding check() {
    return new ReplicaChecker("t", files, Map.of(), folder.resolve("copies")).check();
  }

  private void assertAnomaly(String type, String explanation) {
    Finding finding = check();
    assertThat(finding.validity()).isEqualTo(Validity.INVALID);
    Anomaly anomaly = finding.anomalies().get(0);
    assertThat(anomaly.type()).isEqualTo(type);
    assertThat(anomaly.explanation()).startsWith(explanation);
  }
}
