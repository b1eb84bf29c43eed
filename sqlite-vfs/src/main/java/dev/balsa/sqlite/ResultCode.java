package dev.balsa.sqlite;

import java.util.Map;

/** SQLite's result codes. https://sqlite.org/rescode.html */
public final class ResultCode {
  public static final int OK = 0;
  public static final int ERROR = 1;
  public static final int INTERNAL = 2;
  public static final int PERM = 3;
  public static final int ABORT = 4;
  public static final int BUSY = 5;
  public static final int LOCKED = 6;
  public static final int NOMEM = 7;
  public static final int READONLY = 8;
  public static final int INTERRUPT = 9;
  public static final int IOERR = 10;
  public static final int CORRUPT = 11;
  public static final int NOTFOUND = 12;
  public static final int FULL = 13;
  public static final int CANTOPEN = 14;
  public static final int PROTOCOL = 15;
  public static final int EMPTY = 16;
  public static final int SCHEMA = 17;
  public static final int TOOBIG = 18;
  public static final int CONSTRAINT = 19;
  public static final int MISMATCH = 20;
  public static final int MISUSE = 21;
  public static final int NOLFS = 22;
  public static final int AUTH = 23;
  public static final int FORMAT = 24;
  public static final int RANGE = 25;
  public static final int NOTADB = 26;
  public static final int NOTICE = 27;
  public static final int WARNING = 28;
  public static final int ROW = 100;
  public static final int DONE = 101;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0, "OK"),
          Map.entry(1, "ERROR"),
          Map.entry(2, "INTERNAL"),
          Map.entry(3, "PERM"),
          Map.entry(4, "ABORT"),
          Map.entry(5, "BUSY"),
          Map.entry(6, "LOCKED"),
          Map.entry(7, "NOMEM"),
          Map.entry(8, "READONLY"),
          Map.entry(9, "INTERRUPT"),
          Map.entry(10, "IOERR"),
          Map.entry(11, "CORRUPT"),
          Map.entry(12, "NOTFOUND"),
          Map.entry(13, "FULL"),
          Map.entry(14, "CANTOPEN"),
          Map.entry(15, "PROTOCOL"),
          Map.entry(16, "EMPTY"),
          Map.entry(17, "SCHEMA"),
          Map.entry(18, "TOOBIG"),
          Map.entry(19, "CONSTRAINT"),
          Map.entry(20, "MISMATCH"),
          Map.entry(21, "MISUSE"),
          Map.entry(22, "NOLFS"),
          Map.entry(23, "AUTH"),
          Map.entry(24, "FORMAT"),
          Map.entry(25, "RANGE"),
          Map.entry(26, "NOTADB"),
          Map.entry(27, "NOTICE"),
          Map.entry(28, "WARNING"),
          Map.entry(100, "ROW"),
          Map.entry(101, "DONE"),
          Map.entry(0 | 1 << 8, "OK_LOAD_PERMANENTLY"),
          Map.entry(0 | 2 << 8, "OK_SYMLINK"),
          Map.entry(1 | 1 << 8, "ERROR_MISSING_COLLSEQ"),
          Map.entry(1 | 2 << 8, "ERROR_RETRY"),
          Map.entry(1 | 3 << 8, "ERROR_SNAPSHOT"),
          Map.entry(1 | 4 << 8, "ERROR_RESERVESIZE"),
          Map.entry(1 | 5 << 8, "ERROR_KEY"),
          Map.entry(1 | 6 << 8, "ERROR_UNABLE"),
          Map.entry(4 | 2 << 8, "ABORT_ROLLBACK"),
          Map.entry(5 | 1 << 8, "BUSY_RECOVERY"),
          Map.entry(5 | 2 << 8, "BUSY_SNAPSHOT"),
          Map.entry(5 | 3 << 8, "BUSY_TIMEOUT"),
          Map.entry(6 | 1 << 8, "LOCKED_SHAREDCACHE"),
          Map.entry(6 | 2 << 8, "LOCKED_VTAB"),
          Map.entry(8 | 1 << 8, "READONLY_RECOVERY"),
          Map.entry(8 | 2 << 8, "READONLY_CANTLOCK"),
          Map.entry(8 | 3 << 8, "READONLY_ROLLBACK"),
          Map.entry(8 | 4 << 8, "READONLY_DBMOVED"),
          Map.entry(8 | 5 << 8, "READONLY_CANTINIT"),
          Map.entry(8 | 6 << 8, "READONLY_DIRECTORY"),
          Map.entry(10 | 1 << 8, "IOERR_READ"),
          Map.entry(10 | 2 << 8, "IOERR_SHORT_READ"),
          Map.entry(10 | 3 << 8, "IOERR_WRITE"),
          Map.entry(10 | 4 << 8, "IOERR_FSYNC"),
          Map.entry(10 | 5 << 8, "IOERR_DIR_FSYNC"),
          Map.entry(10 | 6 << 8, "IOERR_TRUNCATE"),
          Map.entry(10 | 7 << 8, "IOERR_FSTAT"),
          Map.entry(10 | 8 << 8, "IOERR_UNLOCK"),
          Map.entry(10 | 9 << 8, "IOERR_RDLOCK"),
          Map.entry(10 | 10 << 8, "IOERR_DELETE"),
          Map.entry(10 | 11 << 8, "IOERR_BLOCKED"),
          Map.entry(10 | 12 << 8, "IOERR_NOMEM"),
          Map.entry(10 | 13 << 8, "IOERR_ACCESS"),
          Map.entry(10 | 14 << 8, "IOERR_CHECKRESERVEDLOCK"),
          Map.entry(10 | 15 << 8, "IOERR_LOCK"),
          Map.entry(10 | 16 << 8, "IOERR_CLOSE"),
          Map.entry(10 | 17 << 8, "IOERR_DIR_CLOSE"),
          Map.entry(10 | 18 << 8, "IOERR_SHMOPEN"),
          Map.entry(10 | 19 << 8, "IOERR_SHMSIZE"),
          Map.entry(10 | 20 << 8, "IOERR_SHMLOCK"),
          Map.entry(10 | 21 << 8, "IOERR_SHMMAP"),
          Map.entry(10 | 22 << 8, "IOERR_SEEK"),
          Map.entry(10 | 23 << 8, "IOERR_DELETE_NOENT"),
          Map.entry(10 | 24 << 8, "IOERR_MMAP"),
          Map.entry(10 | 25 << 8, "IOERR_GETTEMPPATH"),
          Map.entry(10 | 26 << 8, "IOERR_CONVPATH"),
          Map.entry(10 | 27 << 8, "IOERR_VNODE"),
          Map.entry(10 | 28 << 8, "IOERR_AUTH"),
          Map.entry(10 | 29 << 8, "IOERR_BEGIN_ATOMIC"),
          Map.entry(10 | 30 << 8, "IOERR_COMMIT_ATOMIC"),
          Map.entry(10 | 31 << 8, "IOERR_ROLLBACK_ATOMIC"),
          Map.entry(10 | 32 << 8, "IOERR_DATA"),
          Map.entry(10 | 33 << 8, "IOERR_CORRUPTFS"),
          Map.entry(10 | 34 << 8, "IOERR_IN_PAGE"),
          Map.entry(10 | 35 << 8, "IOERR_BADKEY"),
          Map.entry(10 | 36 << 8, "IOERR_CODEC"),
          Map.entry(11 | 1 << 8, "CORRUPT_VTAB"),
          Map.entry(11 | 2 << 8, "CORRUPT_SEQUENCE"),
          Map.entry(11 | 3 << 8, "CORRUPT_INDEX"),
          Map.entry(14 | 1 << 8, "CANTOPEN_NOTEMPDIR"),
          Map.entry(14 | 2 << 8, "CANTOPEN_ISDIR"),
          Map.entry(14 | 3 << 8, "CANTOPEN_FULLPATH"),
          Map.entry(14 | 4 << 8, "CANTOPEN_CONVPATH"),
          Map.entry(14 | 5 << 8, "CANTOPEN_DIRTYWAL"),
          Map.entry(14 | 6 << 8, "CANTOPEN_SYMLINK"),
          Map.entry(19 | 1 << 8, "CONSTRAINT_CHECK"),
          Map.entry(19 | 2 << 8, "CONSTRAINT_COMMITHOOK"),
          Map.entry(19 | 3 << 8, "CONSTRAINT_FOREIGNKEY"),
          Map.entry(19 | 4 << 8, "CONSTRAINT_FUNCTION"),
          Map.entry(19 | 5 << 8, "CONSTRAINT_NOTNULL"),
          Map.entry(19 | 6 << 8, "CONSTRAINT_PRIMARYKEY"),
          Map.entry(19 | 7 << 8, "CONSTRAINT_TRIGGER"),
          Map.entry(19 | 8 << 8, "CONSTRAINT_UNIQUE"),
          Map.entry(19 | 9 << 8, "CONSTRAINT_VTAB"),
          Map.entry(19 | 10 << 8, "CONSTRAINT_ROWID"),
          Map.entry(19 | 11 << 8, "CONSTRAINT_PINNED"),
          Map.entry(19 | 12 << 8, "CONSTRAINT_DATATYPE"),
          Map.entry(23 | 1 << 8, "AUTH_USER"),
          Map.entry(27 | 1 << 8, "NOTICE_RECOVER_WAL"),
          Map.entry(27 | 2 << 8, "NOTICE_RECOVER_ROLLBACK"),
          Map.entry(27 | 3 << 8, "NOTICE_RBU"),
          Map.entry(28 | 1 << 8, "WARNING_AUTOINDEX"));

  private ResultCode() {}

  /**
   * A code's name in C. An extended code that has none gets its primary code's name and its number.
   *
   * @param code a primary or extended result code
   */
  public static String name(int code) {
    String name = NAMES.get(code);
    if (name != null) {
      return "SQLITE_" + name;
    }
    String primary = NAMES.get(code & 0xFF);
    return primary == null ? "SQLite error " + code : "SQLITE_" + primary + " (" + code + ")";
  }
}
