package dev.balsa.fsm;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A database's name, which is its main file's name too. It never reaches SQLite's URI parsing, and
 * cannot leave its folder.
 *
 * @param value 1 to 100 letters, digits, {@code . _ -}, beginning with a letter or digit
 */
public record DatabaseName(String value) implements Comparable<DatabaseName> {
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public DatabaseName {
    String lower = value.toLowerCase(Locale.ROOT);
    if (!VALID.matcher(value).matches()
        || lower.endsWith("-wal")
        || lower.endsWith("-shm")
        || lower.endsWith("-journal")) {
      throw new IllegalArgumentException(
          "'"
              + value
              + "' is no database name: use 1 to 100 letters, digits, '.', '_' or '-', beginning with"
              + " a letter or digit, and not ending in -wal, -shm or -journal");
    }
  }

  @Override
  public int compareTo(DatabaseName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
