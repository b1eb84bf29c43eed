package dev.balsa.sqlite;

/**
 * SQLite refused or failed. The message is the code's name and SQLite's own text, such as {@code
 * SQLITE_CONSTRAINT_UNIQUE: UNIQUE constraint failed: t.a}. See https://sqlite.org/rescode.html.
 */
public class SqliteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int extendedCode;
  private final String detail;

  /**
   * An error of SQLite's, or one that is reported in its terms.
   *
   * @param extendedCode a primary or extended result code
   * @param detail what happened, without the code's name
   */
  public SqliteException(int extendedCode, String detail) {
    super(ResultCode.name(extendedCode) + ": " + detail);
    this.extendedCode = extendedCode;
    this.detail = detail;
  }

  /** The primary result code, such as 19 for SQLITE_CONSTRAINT. */
  public final int resultCode() {
    return extendedCode & 0xFF;
  }

  /** The extended result code, such as 2067 for SQLITE_CONSTRAINT_UNIQUE. */
  public final int extendedCode() {
    return extendedCode;
  }

  /** What happened, without the code's name. */
  public final String detail() {
    return detail;
  }
}
