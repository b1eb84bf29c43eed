package dev.balsa.jepsen;

import dev.balsa.demo.DemoChecker;
import dev.balsa.jepsen.Attempt.Result;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteStatement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Judges the databases of closed nodes by what the clients were told.
 *
 * <ul>
 *   <li>Every acknowledged row is on every node exactly once; the databases are sound, and the same
 *       page by page ({@link DemoChecker}).
 *   <li>No row is there whose transaction was reported as not applied, and none that nobody wrote.
 *   <li>A transaction of unknown outcome is there in full or not at all.
 * </ul>
 */
final class RowCheck {
  private final Path copies;

  /**
   * Creates the check.
   *
   * @param copies a folder for copies of the databases
   */
  RowCheck(Path copies) {
    this.copies = copies;
  }

  /**
   * Checks.
   *
   * @param databases each node's main file, by node
   * @return what is wrong, a sentence each
   */
  List<String> problems(Map<Long, Path> databases, List<Attempt> attempts) throws IOException {
    long[] acknowledged =
        attempts.stream()
            .filter(Attempt::isAcknowledged)
            .flatMap(attempt -> attempt.rows().stream())
            .mapToLong(Long::longValue)
            .toArray();
    DemoChecker.Verdict verdict =
        new DemoChecker(Load.TABLE, copies).check(databases, acknowledged);
    List<String> problems = new ArrayList<>(verdict.problems());
    if (verdict.intact()) {
      for (long node : databases.keySet()) {
        // The checker leaves its copies there, recovered and checkpointed.
        compare(node, rows(copies.resolve("node" + node + ".db")), attempts, problems);
      }
    }
    return problems;
  }

  private static void compare(
      long node, Set<Long> found, List<Attempt> attempts, List<String> problems) {
    Set<Long> unexplained = new TreeSet<>(found);
    List<Attempt> refused = new ArrayList<>();
    List<Attempt> halved = new ArrayList<>();
    for (Attempt attempt : attempts) {
      attempt.rows().forEach(unexplained::remove);
      long there = attempt.rows().stream().filter(found::contains).count();
      if (attempt.result() == Result.NOT_APPLIED && there > 0) {
        refused.add(attempt);
      } else if (attempt.result() == Result.UNKNOWN && there > 0 && there < attempt.rows().size()) {
        halved.add(attempt);
      } // Acknowledged rows that are missing are found by the checker above.
    }
    tell(problems, node + " has rows of ", "transactions reported as not applied", refused);
    tell(problems, node + " has only a part of ", "transactions", halved);
    tell(problems, node + " has ", "rows that nobody wrote", unexplained);
  }

  private static void tell(
      List<String> problems, String where, String what, Collection<?> examples) {
    if (!examples.isEmpty()) {
      problems.add("node " + where + Examples.of(what, examples));
    }
  }

  private static Set<Long> rows(Path database) {
    Set<Long> rows = new HashSet<>();
    try (SqliteConnection connection = SqliteConnection.open(database, OpenFlags.READWRITE, null);
        SqliteStatement ids = connection.prepare("SELECT id FROM " + Load.TABLE)) {
      while (ids.step()) {
        rows.add((Long) ids.column(0));
      }
    }
    return rows;
  }
}
