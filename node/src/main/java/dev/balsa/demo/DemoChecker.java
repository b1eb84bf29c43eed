package dev.balsa.demo;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteStatement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Judges a run by what is on disk alone, once all nodes are closed: by the files of acknowledged
 * row ids and by copies of the databases that plain SQLite has recovered. Nothing that the nodes
 * say of themselves counts.
 *
 * <ul>
 *   <li>Each acknowledged row is in each node's database exactly once; no row at all is there
 *       twice.
 *   <li>{@code PRAGMA integrity_check} is ok in each.
 *   <li>All are the same, page by page, after SQLite has recovered each WAL and checkpointed it
 *       into the main file.
 * </ul>
 */
public final class DemoChecker {
  private static final int EXAMPLES = 5;

  private final String table;
  private final Path copies;

  /**
   * Creates a checker.
   *
   * @param table whose column {@code id} holds the row ids
   * @param copies a folder for the copies; made anew, and kept for the reader
   */
  public DemoChecker(String table, Path copies) {
    this.table = table;
    this.copies = copies;
  }

  /**
   * What was found.
   *
   * @param acknowledged distinct row ids
   * @param lost acknowledged rows that are missing on at least one node
   * @param doubled row ids that are more than once on at least one node
   * @param identical whether all databases have the same pages
   * @param intact whether SQLite found all databases sound
   * @param problems a sentence each
   */
  public record Verdict(
      long acknowledged,
      long lost,
      long doubled,
      boolean identical,
      boolean intact,
      List<String> problems) {
    /** Whether nothing at all is wrong. */
    public boolean good() {
      return problems.isEmpty();
    }
  }

  /**
   * Checks a run.
   *
   * @param databases each node's main file, by node id; their WALs lie beside them. No process may
   *     have them open.
   * @param acknowledged ids of all rows whose transactions were acknowledged
   * @throws IOException if files cannot be copied or read
   */
  public Verdict check(Map<Long, Path> databases, long[] acknowledged) throws IOException {
    long[] wanted = Arrays.stream(acknowledged).sorted().distinct().toArray();
    List<String> problems = new ArrayList<>();
    if (wanted.length != acknowledged.length) {
      problems.add("the application acknowledged some row ids twice");
    }
    TreeSet<Long> lost = new TreeSet<>();
    TreeSet<Long> doubled = new TreeSet<>();
    for (Path database : databases.values()) {
      if (!Files.exists(database)) {
        Arrays.stream(wanted).forEach(lost::add);
      }
    }
    ReplicaComparison.Result result =
        new ReplicaComparison(copies)
            .compare(
                databases,
                (node, copy, unsound) ->
                    compareRows(node, wanted, rowsOf(copy), lost, doubled, unsound));
    problems.addAll(result.unsound());
    problems.addAll(result.differences());
    return new Verdict(
        wanted.length, lost.size(), doubled.size(), result.identical(), result.intact(), problems);
  }

  private long[] rowsOf(SqliteConnection connection) {
    long[] rows = new long[1024];
    int count = 0;
    try (SqliteStatement ids = connection.prepare("SELECT id FROM " + table)) {
      while (ids.step()) {
        if (count == rows.length) {
          rows = Arrays.copyOf(rows, 2 * count);
        }
        // A NULL or a text in that column is nobody's row.
        rows[count++] = ids.column(0) instanceof Long id ? id : -1;
      }
    }
    long[] found = Arrays.copyOf(rows, count);
    Arrays.sort(found);
    return found;
  }

  private static void compareRows(
      long node,
      long[] wanted,
      long[] found,
      Set<Long> lost,
      Set<Long> doubled,
      List<String> problems) {
    List<Long> missing = new ArrayList<>();
    for (long id : wanted) {
      if (Arrays.binarySearch(found, id) < 0) {
        missing.add(id);
      }
    }
    List<Long> twice = new ArrayList<>();
    for (int i = 1; i < found.length; i++) {
      if (found[i] == found[i - 1] && (i == 1 || found[i] != found[i - 2])) {
        twice.add(found[i]);
      }
    }
    lost.addAll(missing);
    doubled.addAll(twice);
    if (!missing.isEmpty()) {
      problems.add(
          "node " + node + " lacks " + missing.size() + " acknowledged rows" + some(missing));
    }
    if (!twice.isEmpty()) {
      problems.add("node " + node + " has " + twice.size() + " rows more than once" + some(twice));
    }
  }

  private static String some(List<Long> ids) {
    return ids.stream()
        .limit(EXAMPLES)
        .map(String::valueOf)
        .collect(Collectors.joining(", ", ", such as ", ""));
  }
}
