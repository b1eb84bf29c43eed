package dev.balsa.sqlite.vfs;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.wal.Invariant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The methods of the default VFS's files, mapped directly (<a
 * href="https://sqlite.org/c3ref/io_methods.html">sqlite3_io_methods</a>). They are found in the
 * method table of a live main-file handle; every other handle is checked to have the same ones.
 */
final class FileMethods {
  /** Length of the table, version 3, in bytes. */
  static final int TABLE_BYTES = 19 * Long.BYTES;

  static final int CLOSE = 8;
  static final int READ = 16;
  static final int WRITE = 24;
  static final int TRUNCATE = 32;
  static final int SYNC = 40;
  static final int LOCK = 56;
  static final int UNLOCK = 64;
  static final int CHECK_RESERVED_LOCK = 72;

  private static final Map<String, Integer> OFFSETS =
      Map.of(
          "xClose",
          CLOSE,
          "xRead",
          READ,
          "xWrite",
          WRITE,
          "xTruncate",
          TRUNCATE,
          "xSync",
          SYNC,
          "xFileSize",
          48,
          "xDeviceCharacteristics",
          96,
          "xShmMap",
          104,
          "xShmLock",
          112,
          "xShmBarrier",
          120);

  /** What we call on WAL handles too; locks and shared memory are the main file's alone. */
  private static final List<String> OF_ALL_FILES =
      List.of("xRead", "xWrite", "xTruncate", "xFileSize");

  private static Map<String, Long> bound = Map.of();

  private FileMethods() {}

  /** Binds the functions to those of a main file, or checks that they are the same ones. */
  static synchronized void bindMainFile(long file) {
    Pointer table = table(file);
    Invariant.check(table.getInt(0) >= 2, "a file without shared memory");
    if (bound.isEmpty()) {
      Map<String, Long> found =
          OFFSETS.entrySet().stream()
              .collect(
                  Collectors.toUnmodifiableMap(
                      Map.Entry::getKey, entry -> table.getLong(entry.getValue())));
      NativeMethods.bind(FileMethods.class, found);
      bound = found;
    }
    OFFSETS.keySet().forEach(name -> requireSame(name, table));
  }

  /** Checks that a handle that is not a main file's reads and writes by the same functions. */
  static synchronized void checkOtherFile(long file) {
    Invariant.check(!bound.isEmpty(), "no main file was opened yet");
    OF_ALL_FILES.forEach(name -> requireSame(name, table(file)));
  }

  private static void requireSame(String name, Pointer table) {
    long found = table.getLong(OFFSETS.getOrDefault(name, 0));
    long expected = bound.getOrDefault(name, 0L);
    Invariant.check(found == expected, "%s of this file is another function", name);
  }

  /** Closes a handle by its own method; those of WAL and main file differ. */
  static void close(long file) {
    Function.getFunction(table(file).getPointer(CLOSE)).invokeInt(new Object[] {new Pointer(file)});
  }

  /** A handle's method table. */
  static Pointer table(long file) {
    Pointer table = new Pointer(file).getPointer(0);
    Invariant.check(table != null, "a file handle that is not open");
    return table;
  }

  static native int xRead(long file, long buffer, int bytes, long offset);

  static native int xWrite(long file, long buffer, int bytes, long offset);

  static native int xTruncate(long file, long size);

  static native int xSync(long file, int flags);

  static native int xFileSize(long file, long size);

  static native int xDeviceCharacteristics(long file);

  static native int xShmMap(long file, int region, int regionBytes, int extend, long address);

  static native int xShmLock(long file, int slot, int count, int flags);

  static native void xShmBarrier(long file);
}
