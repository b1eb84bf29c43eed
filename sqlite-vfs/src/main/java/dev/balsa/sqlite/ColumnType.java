package dev.balsa.sqlite;

/** SQLite's five storage classes. https://sqlite.org/c3ref/c_blob.html */
public enum ColumnType {
  INTEGER,
  FLOAT,
  TEXT,
  BLOB,
  NULL;

  private static final ColumnType[] BY_CODE = values();

  static ColumnType of(int code) {
    return BY_CODE[code - 1];
  }
}
