package dev.balsa.demo;

import dev.balsa.sqlite.CheckpointMode;
import dev.balsa.sqlite.CheckpointResult;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Compares the databases of closed nodes: copies of them are recovered by plain SQLite, and must be
 * sound ({@code PRAGMA integrity_check}) and, once each WAL is checkpointed into the main file, the
 * same page by page.
 */
public final class ReplicaComparison {
  private static final int EXAMPLES = 5;

  private final Path copies;

  /**
   * Creates a comparison.
   *
   * @param copies a folder for the copies, {@code nodeN.db}; made anew, and kept for the reader
   */
  public ReplicaComparison(Path copies) {
    this.copies = copies;
  }

  /** Looks into a recovered copy before its WAL is checkpointed. */
  public interface Look {
    /**
     * Looks.
     *
     * @param unsound gets what is wrong, a sentence each, beside what the comparison finds
     */
    void into(long node, SqliteConnection copy, List<String> unsound);
  }

  /**
   * What was found.
   *
   * @param intact whether all databases are there and SQLite found them sound
   * @param identical whether all could be compared, and have the same pages
   * @param unsound what is wrong with single databases, a sentence each
   * @param differences between databases, a sentence each
   */
  public record Result(
      boolean intact, boolean identical, List<String> unsound, List<String> differences) {
    /** Copies the lists. */
    public Result {
      unsound = List.copyOf(unsound);
      differences = List.copyOf(differences);
    }
  }

  /**
   * Compares.
   *
   * @param databases each node's main file, by node id; their WALs lie beside them. No process may
   *     have them open.
   * @throws IOException if files cannot be copied or read
   */
  public Result compare(Map<Long, Path> databases, Look look) throws IOException {
    Files.createDirectories(copies);
    List<String> unsound = new ArrayList<>();
    NavigableMap<Long, Path> recovered = new TreeMap<>();
    boolean intact = true;
    for (Map.Entry<Long, Path> database : new TreeMap<>(databases).entrySet()) {
      long node = database.getKey();
      if (!Files.exists(database.getValue())) {
        unsound.add("node " + node + " has no database " + database.getValue());
        intact = false;
        continue;
      }
      Path copy = copy(node, database.getValue());
      try (SqliteConnection connection = SqliteConnection.open(copy, OpenFlags.READWRITE, null)) {
        String integrity = connection.queryText("PRAGMA integrity_check");
        if (!"ok".equals(integrity)) {
          intact = false;
          unsound.add("node " + node + ": integrity_check says: " + integrity);
        }
        look.into(node, connection, unsound);
        CheckpointResult result = connection.checkpoint(CheckpointMode.TRUNCATE);
        if (result.resultCode() != 0) {
          unsound.add("node " + node + ": the checkpoint answered " + result);
        }
        recovered.put(node, copy);
      } catch (SqliteException e) {
        intact = false;
        unsound.add("node " + node + ": SQLite cannot read the database: " + e.getMessage());
      }
    }
    List<String> differences = differences(recovered);
    boolean identical = recovered.size() == databases.size() && differences.isEmpty();
    return new Result(intact, identical, unsound, differences);
  }

  private static List<String> differences(NavigableMap<Long, Path> recovered) throws IOException {
    List<String> differences = new ArrayList<>();
    Map.Entry<Long, Path> first = recovered.firstEntry();
    if (first != null) {
      for (Map.Entry<Long, Path> other : recovered.tailMap(first.getKey(), false).entrySet()) {
        List<String> found = PageDifference.between(first.getValue(), other.getValue(), EXAMPLES);
        if (!found.isEmpty()) {
          differences.add(
              "nodes "
                  + first.getKey()
                  + " and "
                  + other.getKey()
                  + " differ: "
                  + String.join(", ", found));
        }
      }
    }
    return differences;
  }

  private Path copy(long node, Path database) throws IOException {
    Path copy = copies.resolve("node" + node + ".db");
    Path wal = database.resolveSibling(database.getFileName() + "-wal");
    Path walCopy = copies.resolve("node" + node + ".db-wal");
    Files.deleteIfExists(walCopy);
    Files.deleteIfExists(copies.resolve("node" + node + ".db-shm"));
    Files.copy(database, copy, StandardCopyOption.REPLACE_EXISTING);
    if (Files.exists(wal)) {
      Files.copy(wal, walCopy);
    }
    return copy;
  }
}
