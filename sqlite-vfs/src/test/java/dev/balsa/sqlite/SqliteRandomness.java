package dev.balsa.sqlite;

import com.sun.jna.Function;

/** The pseudo-random numbers of the bundled SQLite: one sequence for the whole process. */
public final class SqliteRandomness {
  private final Function randomness;

  private SqliteRandomness(Function randomness) {
    this.randomness = randomness;
  }

  /** Finds the function; the default VFS must still be SQLite's own. */
  public static SqliteRandomness bundled() {
    return new SqliteRandomness(BundledSqlite.load().getFunction("sqlite3_randomness"));
  }

  /**
   * Lets SQLite begin anew with a seed that it takes from the default VFS when it next needs one.
   * https://sqlite.org/c3ref/randomness.html
   */
  public void restart() {
    randomness.invokeVoid(new Object[] {0, null});
  }
}
