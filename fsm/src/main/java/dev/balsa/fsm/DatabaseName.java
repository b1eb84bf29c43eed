package dev.balsa.fsm;

import java.util.List;

/**
 * A database's name, which is its main file's name too. It never reaches SQLite's URI parsing, and
 * cannot leave its folder.
 *
 * @param value 1 to 100 letters, digits, {@code . _ -}, beginning with a letter or digit
 */
public record DatabaseName(String value) implements Comparable<DatabaseName> {
  private static final int CHARS_MAX = 100;

  /** Ends, in any case, of names that files of SQLite have. */
  private static final List<String> RESERVED = List.of("-wal", "-shm", "-journal");

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public DatabaseName {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "'"
              + value
              + "' is no database name: use 1 to 100 letters, digits, '.', '_' or '-', beginning with"
              + " a letter or digit, and not ending in -wal, -shm or -journal");
    }
  }

  /** Asked for each entry of the log, so without a regular expression, which takes 2 us. */
  private static boolean isValid(String value) {
    if (value.isEmpty() || value.length() > CHARS_MAX) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && (i == 0 || (c != '.' && c != '_' && c != '-'))) {
        return false;
      }
    }
    for (String end : RESERVED) {
      if (value.regionMatches(true, value.length() - end.length(), end, 0, end.length())) {
        return false;
      }
    }
    return true;
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
