package dev.balsa.jepsen.db;

import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.sqlite.CheckpointMode;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares the databases of stopped nodes, byte by byte, after SQLite itself has recovered them. */
final class ReplicaCheck {
  private final List<Anomaly> anomalies = new ArrayList<>();
  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final Path copies;

  /**
   * Creates the check.
   *
   * @param copies a folder for the recovered databases
   */
  ReplicaCheck(Path copies) {
    this.copies = copies;
  }

  /**
   * Checks.
   *
   * @param databases each node's main file; its WAL, if there is one, lies beside it
   */
  Finding check(Map<Long, Path> databases) throws IOException {
    Files.createDirectories(copies);
    Map<Long, Path> recovered = new LinkedHashMap<>();
    for (Map.Entry<Long, Path> database : databases.entrySet()) {
      if (!Files.exists(database.getValue())) {
        broken("replica-missing", "node " + database.getKey() + " has no database");
      } else {
        recover(database.getKey(), database.getValue(), recovered);
      }
    }
    compare(recovered);
    facts.put("replicas", recovered.size());
    return Finding.of("replicas", anomalies, List.of(), facts);
  }

  private void recover(long node, Path database, Map<Long, Path> recovered) throws IOException {
    Path copy = copies.resolve("node" + node + ".db");
    Path wal = database.resolveSibling(database.getFileName() + "-wal");
    Path walCopy = copies.resolve("node" + node + ".db-wal");
    Files.deleteIfExists(walCopy);
    Files.deleteIfExists(copies.resolve("node" + node + ".db-shm"));
    Files.copy(database, copy, StandardCopyOption.REPLACE_EXISTING);
    if (Files.exists(wal)) {
      Files.copy(wal, walCopy);
    }
    try (SqliteConnection connection = SqliteConnection.open(copy, OpenFlags.READWRITE, null)) {
      String integrity = connection.queryText("PRAGMA integrity_check");
      if (!"ok".equals(integrity)) {
        broken("replica-corrupt", "node " + node + ": integrity_check says: " + integrity);
      }
      if (connection.checkpoint(CheckpointMode.TRUNCATE).resultCode() != 0) {
        broken("replica-corrupt", "node " + node + ": its WAL cannot be checkpointed");
      }
      recovered.put(node, copy);
    } catch (SqliteException e) {
      broken("replica-corrupt", "node " + node + ": SQLite cannot read it: " + e.getMessage());
    }
  }

  private void compare(Map<Long, Path> recovered) throws IOException {
    long first = 0;
    for (Map.Entry<Long, Path> one : recovered.entrySet()) {
      if (first == 0) {
        first = one.getKey();
        facts.put("bytes", Files.size(one.getValue()));
        continue;
      }
      long at = Files.mismatch(recovered.get(first), one.getValue());
      if (at >= 0) {
        broken(
            "replicas-differ",
            "the databases of nodes " + first + " and " + one.getKey() + " differ at byte " + at);
      }
    }
  }

  private void broken(String type, String explanation) {
    anomalies.add(new Anomaly(type, explanation, List.of(), List.of()));
  }
}
