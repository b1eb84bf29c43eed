package dev.balsa.sqlite;

/**
 * Flags for opening, as sqlite3_open_v2 takes them. https://sqlite.org/c3ref/c_open_autoproxy.html
 */
public final class OpenFlags {
  /** The connection reads only; the file must exist. */
  public static final int READONLY = 0x1;

  /** The connection reads and writes. */
  public static final int READWRITE = 0x2;

  /** Makes the file if there is none; with READWRITE. */
  public static final int CREATE = 0x4;

  /** The file's name may be a {@code file:} URI. */
  public static final int URI = 0x40;

  /** The database is in memory; the name is ignored. */
  public static final int MEMORY = 0x80;

  /**
   * No mutex for the connection: it is used by one thread at a time, but for {@code interrupt},
   * which takes no mutex anyway (<a
   * href="https://sqlite.org/c3ref/interrupt.html">sqlite3_interrupt</a>).
   */
  public static final int NOMUTEX = 0x8000;

  /** A mutex for the connection; what the library does unless it was built otherwise. */
  public static final int FULLMUTEX = 0x10000;

  /** Refuses a database whose path holds a symbolic link. */
  public static final int NOFOLLOW = 0x0100_0000;

  private OpenFlags() {}
}
