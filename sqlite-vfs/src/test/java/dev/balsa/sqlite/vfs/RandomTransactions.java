package dev.balsa.sqlite.vfs;

import java.util.List;
import java.util.random.RandomGenerator;

/** Transactions that take SQLite through its ways of writing pages. */
final class RandomTransactions {
  /** What a transaction does; the number picks sizes and rows. */
  enum Kind {
    INSERT,
    UPDATE,
    DELETE,
    TRANSFER,
    CREATE_TABLE,
    CREATE_INDEX,
    DROP_TABLE,
    VACUUM,
    INCREMENTAL_VACUUM,
    SAVEPOINT_ROLLBACK,
    ROLLBACK,
    EMPTY,
    SPILL,
    SPILL_AND_ROLLBACK,
    CHANGE_NOTHING
  }

  private RandomTransactions() {}

  static List<String> of(Kind kind, RandomGenerator random) {
    int k = 2 + random.nextInt(4);
    int name = random.nextInt(4);
    return switch (kind) {
      case INSERT -> List.of(insert(1 + random.nextInt(5), random.nextInt(3000)));
      case UPDATE ->
          List.of("UPDATE t SET v=randomblob(" + random.nextInt(2000) + ") WHERE id%" + k + "=0");
      case DELETE -> List.of("DELETE FROM t WHERE id%" + k + "=1");
      case TRANSFER -> transfer(random);
      case CREATE_TABLE ->
          List.of(
              "CREATE TABLE IF NOT EXISTS x" + name + "(a, b DEFAULT CURRENT_TIMESTAMP)",
              "INSERT INTO x" + name + "(a) SELECT random() FROM t");
      case CREATE_INDEX -> List.of("CREATE INDEX IF NOT EXISTS i" + name + " ON t(v, id)");
      case DROP_TABLE -> List.of("DROP TABLE IF EXISTS x" + name, "DROP INDEX IF EXISTS i" + name);
      case VACUUM -> List.of("VACUUM");
      case INCREMENTAL_VACUUM -> List.of("PRAGMA incremental_vacuum(" + k + ")");
      case SAVEPOINT_ROLLBACK ->
          List.of(
              "BEGIN",
              insert(2, 700),
              "SAVEPOINT s",
              insert(20, 900),
              "DELETE FROM t WHERE id%2=0",
              "ROLLBACK TO s",
              insert(1, 100),
              "RELEASE s",
              "COMMIT");
      case ROLLBACK -> List.of("BEGIN IMMEDIATE", insert(3, 500), "ROLLBACK");
      case EMPTY -> List.of("BEGIN IMMEDIATE", "SELECT count(*) FROM t", "COMMIT");
      case SPILL -> List.of("BEGIN", insert(60, 900), insert(40, 1500), "COMMIT");
      case SPILL_AND_ROLLBACK -> List.of("BEGIN", insert(80, 900), "ROLLBACK");
      case CHANGE_NOTHING -> List.of("INSERT OR IGNORE INTO account VALUES (1, 0)");
    };
  }

  /** Money moves between accounts: their sum never changes. */
  static List<String> transfer(RandomGenerator random) {
    int amount = random.nextInt(20);
    return List.of(
        "BEGIN IMMEDIATE",
        "UPDATE account SET balance=balance-" + amount + " WHERE id=" + (1 + random.nextInt(10)),
        "UPDATE account SET balance=balance+" + amount + " WHERE id=" + (1 + random.nextInt(10)),
        insert(1, random.nextInt(600)),
        "COMMIT");
  }

  private static String insert(int rows, int bytes) {
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<"
        + rows
        + ") INSERT INTO t(v) SELECT randomblob("
        + bytes
        + ") FROM n";
  }
}
