package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.workload.Operation.Result;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A set whose elements come together with something larger, in the same transaction: a table, a
 * column, an index, or thousands of rows, which later go again; and VACUUM in between. A read finds
 * an element only if what came with it is there in full, and finds the negative of an element
 * (which nobody has added) where a part is there without it.
 */
final class DdlWorkload implements Workload {
  /** Rows that come with an element; some 200 KB. */
  private static final int ROWS = 2_000;

  /** What came with an element goes when so many more have come. */
  private static final int KEPT = 4;

  private static final String READ =
      "SELECT value FROM elements WHERE CASE kind"
          + " WHEN 'table' THEN EXISTS"
          + " (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 't_' || value)"
          + " WHEN 'index' THEN EXISTS"
          + " (SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = 'i_' || value)"
          + " WHEN 'column' THEN instr((SELECT sql FROM sqlite_master WHERE name = 'wide'),"
          + " 'c_' || value || ' ') > 0"
          + " WHEN 'bulk' THEN (SELECT count(*) FROM bulk WHERE tag = value) = "
          + ROWS
          + " ELSE 1 END UNION ALL SELECT -CAST(substr(name, 3) AS INTEGER) FROM sqlite_master"
          + " WHERE (name GLOB 't_[0-9]*' OR name GLOB 'i_[0-9]*') AND NOT EXISTS (SELECT 1 FROM"
          + " elements WHERE value = CAST(substr(name, 3) AS INTEGER) AND kind IN ('table',"
          + " 'index')) UNION ALL SELECT DISTINCT -tag FROM bulk WHERE NOT EXISTS (SELECT 1 FROM"
          + " elements WHERE value = tag AND kind = 'bulk')";

  private final List<Checker> checkers;

  /** What has come, and shall go: the statements that remove it. */
  private final Queue<List<Statement>> going = new ArrayDeque<>();

  private long last;
  private int columns;

  DdlWorkload(List<Checker> checkers) {
    this.checkers = List.copyOf(checkers);
  }

  @Override
  public String name() {
    return "ddl";
  }

  @Override
  public List<Statement> setup() {
    return List.of(
        Statement.of(
            "CREATE TABLE IF NOT EXISTS elements(value INTEGER PRIMARY KEY, kind TEXT NOT NULL)"),
        Statement.of("CREATE TABLE IF NOT EXISTS wide(id INTEGER PRIMARY KEY)"),
        Statement.of("CREATE TABLE IF NOT EXISTS bulk(tag INTEGER NOT NULL, noise BLOB NOT NULL)"),
        Statement.of("CREATE INDEX IF NOT EXISTS bulk_tag ON bulk(tag)"));
  }

  @Override
  public synchronized Operation next(RandomGenerator random) {
    int die = random.nextInt(200);
    if (die == 0) {
      return Operation.write("vacuum", null, List.of(Statement.of("VACUUM")));
    } else if (die < 5) {
      return read();
    }
    long n = ++last;
    List<Statement> statements = new ArrayList<>();
    String kind = "row";
    if (die < 10) {
      kind = "table";
      statements.add(Statement.of("CREATE TABLE t_" + n + "(a INTEGER PRIMARY KEY, b TEXT)"));
      statements.add(Statement.of("INSERT INTO t_" + n + "(b) VALUES (hex(randomblob(500)))"));
      goes(n, Statement.of("DROP TABLE IF EXISTS t_" + n));
    } else if (die < 14) {
      kind = "index";
      statements.add(Statement.of("CREATE INDEX i_" + n + " ON elements(kind, value)"));
      goes(n, Statement.of("DROP INDEX IF EXISTS i_" + n));
    } else if (die < 16 && columns < 500) {
      kind = "column";
      columns++;
      statements.add(Statement.of("ALTER TABLE wide ADD COLUMN c_" + n + " INTEGER"));
    } else if (die < 22) {
      kind = "bulk";
      statements.add(
          Statement.of(
              "WITH RECURSIVE r(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM r WHERE i < ?2)"
                  + " INSERT INTO bulk(tag, noise) SELECT ?1, randomblob(80) FROM r",
              n,
              (long) ROWS));
      goes(n, Statement.of("DELETE FROM bulk WHERE tag = ?", n));
    } else if (die < 40 && going.size() > KEPT) {
      statements.addAll(going.remove());
    }
    statements.add(Statement.of("INSERT INTO elements(value, kind) VALUES (?, ?)", n, kind));
    return Operation.write("add", n, statements);
  }

  private void goes(long element, Statement removal) {
    going.add(
        List.of(
            removal, Statement.of("UPDATE elements SET kind = 'row' WHERE value = ?", element)));
  }

  private static Operation read() {
    return new Operation(
        "read",
        null,
        Operation.Kind.READ,
        List.of(Statement.of(READ)),
        tables -> new Result.Done(SetWorkload.elements(tables)));
  }

  @Override
  public Set<String> kinds() {
    return Set.of("read", "add");
  }

  @Override
  public Optional<Operation> finalRead() {
    return Optional.of(read());
  }

  @Override
  public List<Checker> checkers() {
    return checkers;
  }
}
