package dev.balsa.bench.sql;

import java.util.List;

/** The tables and statements, the same for Balsa and for plain SQLite. */
final class Schema {
  /** Rows of the table that is read and updated; its pages fit into SQLite's cache. */
  static final int ITEMS = 10_000;

  /** What each database begins with. */
  static final List<String> CREATE =
      List.of(
          "CREATE TABLE IF NOT EXISTS load(id INTEGER PRIMARY KEY, writer INTEGER, text TEXT)",
          "CREATE TABLE IF NOT EXISTS item(id INTEGER PRIMARY KEY, sold INTEGER, text TEXT)",
          "INSERT OR IGNORE INTO item WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n"
              + " WHERE i<"
              + ITEMS
              + ") SELECT i, 0, hex(randomblob(47)) FROM n");

  static final String INSERT = "INSERT INTO load(writer, text) VALUES (?, ?)";
  static final String SELECT = "SELECT sold, text FROM item WHERE id = ?";
  static final String UPDATE = "UPDATE item SET sold = ? WHERE id = ?";

  /** Rows inserted, and updates made. */
  static final String TOTALS = "SELECT (SELECT count(*) FROM load), (SELECT sum(sold) FROM item)";

  private Schema() {}
}
