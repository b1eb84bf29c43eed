package dev.balsa.bench.sql;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is measured: what so many threads do, one operation after the other. */
enum SqlCase {
  INSERT_SEQ("insert-seq", 1, Work.INSERT),
  INSERT_16("insert-16", 16, Work.INSERT),
  INSERT_64("insert-64", 64, Work.INSERT),
  TX_16("tx-16", 16, Work.TRANSACTION),
  TX_64("tx-64", 64, Work.TRANSACTION),
  TX_10000("tx-10000", 1, Work.BULK),
  SELECT_STALE_1("select-stale-1", 1, Work.SELECT_STALE),
  SELECT_STALE_16("select-stale-16", 16, Work.SELECT_STALE),
  SELECT_LINEARIZABLE_1("select-linearizable-1", 1, Work.SELECT_LINEARIZABLE),
  SELECT_LINEARIZABLE_16("select-linearizable-16", 16, Work.SELECT_LINEARIZABLE),
  MIXED_16("mixed-16", 16, Work.MIXED);

  /** Rows of one transaction of {@link Work#BULK}. */
  static final int BULK_ROWS = 10_000;

  /** One of so many operations of {@link Work#MIXED} is an insert: 5%. */
  static final int MIXED_INSERT_EVERY = 20;

  /** What one operation is. */
  enum Work {
    INSERT("autocommit inserts of a row of about 100 bytes", 1),
    TRANSACTION("transactions of SELECT, INSERT, UPDATE, by primary key", 1),
    BULK("transactions of 10,000 inserts, counted in inserts", BULK_ROWS),
    SELECT_STALE("point SELECTs on the own node, without asking others (STALE)", 1),
    SELECT_LINEARIZABLE("point SELECTs, LINEARIZABLE", 1),
    MIXED("95% point SELECTs, LINEARIZABLE, and 5% autocommit inserts", 1);

    private final String description;
    private final int operations;

    Work(String description, int operations) {
      this.description = description;
      this.operations = operations;
    }
  }

  private final String label;
  private final int threads;
  private final Work work;

  SqlCase(String label, int threads, Work work) {
    this.label = label;
    this.threads = threads;
    this.work = work;
  }

  /** Its name; also that of its database. */
  String label() {
    return label;
  }

  int threads() {
    return threads;
  }

  Work work() {
    return work;
  }

  /** Operations that a call counts for; latencies and gaps are those of calls. */
  int operationsPerCall() {
    return work.operations;
  }

  /** Whether it changes anything. */
  boolean writes() {
    return work != Work.SELECT_STALE && work != Work.SELECT_LINEARIZABLE;
  }

  /** What it does. */
  String description() {
    return String.format(
        Locale.ROOT, "%d thread%s, %s", threads, threads == 1 ? "" : "s", work.description);
  }

  /** All labels. */
  static String labels() {
    return Arrays.stream(values()).map(SqlCase::label).collect(Collectors.joining(","));
  }

  /**
   * Finds it by its {@link #label}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static SqlCase of(String label) {
    return Arrays.stream(values())
        .filter(known -> known.label.equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(label + " is none of these: " + labels()));
  }
}
