package dev.balsa.sqlite;

/** Switches of a connection. https://sqlite.org/c3ref/c_dbconfig_defensive.html */
public enum DbConfig {
  ENABLE_FKEY(1002),
  ENABLE_TRIGGER(1003),
  ENABLE_LOAD_EXTENSION(1005),
  NO_CKPT_ON_CLOSE(1006),
  ENABLE_QPSG(1007),
  RESET_DATABASE(1009),
  DEFENSIVE(1010),
  WRITABLE_SCHEMA(1011),
  DQS_DML(1013),
  DQS_DDL(1014),
  ENABLE_VIEW(1015),
  LEGACY_FILE_FORMAT(1016),
  TRUSTED_SCHEMA(1017),
  ENABLE_ATTACH_CREATE(1020),
  ENABLE_ATTACH_WRITE(1021);

  private final int code;

  DbConfig(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
