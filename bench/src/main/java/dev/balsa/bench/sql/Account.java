package dev.balsa.bench.sql;

import dev.balsa.bench.RunFailedException;

/** What a database must hold, by what was told to those who wrote. */
final class Account {
  private long inserted;
  private long updated;
  private long inDoubt;

  void add(SqlReport.Totals totals) {
    inserted += totals.inserted();
    updated += totals.updated();
    inDoubt += totals.inDoubt();
  }

  long inserted() {
    return inserted;
  }

  long inDoubt() {
    return inDoubt;
  }

  /**
   * Compares it with what is there.
   *
   * @param where for the message
   * @throws RunFailedException if something is missing, or there without ever having been told
   */
  void check(String where, long found, long foundUpdates) throws RunFailedException {
    boolean rows = inserted <= found && found <= inserted + inDoubt;
    boolean updates = updated <= foundUpdates && foundUpdates <= updated + inDoubt;
    if (!rows || !updates) {
      throw new RunFailedException(
          where
              + ": "
              + inserted
              + " rows and "
              + updated
              + " updates were acknowledged, "
              + inDoubt
              + " more are in doubt, but "
              + found
              + " rows and "
              + foundUpdates
              + " updates are there");
    }
  }
}
