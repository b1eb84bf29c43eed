package dev.balsa.sqlite.vfs;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.Sqlite3;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.SharedMemory;
import dev.balsa.sqlite.wal.WalBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A file that SQLite has open, used through SQLite's own handle: no descriptor of ours whose
 * closing would drop the process's locks, none that an interrupt could close.
 *
 * <p>Valid only while the connection that owns the handle is open, and used only where that
 * connection is not: by the thread that has it, or while it runs nothing. Failures are {@link
 * SqliteException}s with SQLite's I/O codes.
 */
final class NativeFile implements WalBytes, SharedMemory {
  private static final int FCNTL_JOURNAL_POINTER = 28;

  /** Device characteristic. */
  private static final int POWERSAFE_OVERWRITE = 0x1000;

  /** SQLite's Unix VFS looks at the lower 17 bits of a length only: it never needs more. */
  private static final int TRANSFER_BYTES = 124 * 1024;

  /** The file ends before; the rest of the buffer was filled with zeros. */
  private static final int SHORT_READ = ResultCode.IOERR | 2 << 8;

  private static final int SYNC_NORMAL = 2;
  private static final int SHM_UNLOCK = 1;
  private static final int SHM_LOCK = 2;
  private static final int SHM_EXCLUSIVE = 8;

  private final long file;
  private final String name;
  private final Memory out = new Memory(Long.BYTES);

  private NativeFile(long file, String name) {
    this.file = file;
    this.name = name;
  }

  /** The main database file behind a handle of the default VFS. */
  static NativeFile main(long file, String name) {
    FileMethods.bindMainFile(file);
    return new NativeFile(file, name);
  }

  /** A WAL behind a handle of the default VFS. */
  static NativeFile wal(long file, String name) {
    FileMethods.checkOtherFile(file);
    return new NativeFile(file, name);
  }

  /** The WAL that a connection has open; it must have read. */
  static NativeFile walOf(SqliteConnection connection, String name) {
    try (Memory memory = new Memory(16)) {
      memory.setString(8, "main", "US-ASCII");
      long out = address(memory);
      int code =
          Sqlite3.sqlite3_file_control(connection.handle(), out + 8, FCNTL_JOURNAL_POINTER, out);
      if (code != ResultCode.OK) {
        throw new SqliteException(code, name + ": no handle");
      }
      return wal(memory.getLong(0), name);
    }
  }

  @Override
  public long size() {
    check(FileMethods.xFileSize(file, address(out)), "size");
    return out.getLong(0);
  }

  @Override
  public void read(long position, ByteBuffer into) {
    int start = into.position();
    while (into.hasRemaining()) {
      int bytes = Math.min(into.remaining(), TRANSFER_BYTES);
      long at = position + into.position() - start;
      check(FileMethods.xRead(file, address(into), bytes, at), "read %d bytes at %d", bytes, at);
      into.position(into.position() + bytes);
    }
  }

  @Override
  public boolean readSome(long position, ByteBuffer into) {
    boolean complete = true;
    int start = into.position();
    while (into.hasRemaining()) {
      int bytes = Math.min(into.remaining(), TRANSFER_BYTES);
      long at = position + into.position() - start;
      int code = FileMethods.xRead(file, address(into), bytes, at);
      if (code == SHORT_READ) {
        complete = false;
      } else {
        check(code, "read %d bytes at %d", bytes, at);
      }
      into.position(into.position() + bytes);
    }
    return complete;
  }

  @Override
  public void write(long position, ByteBuffer from) {
    int start = from.position();
    while (from.hasRemaining()) {
      int bytes = Math.min(from.remaining(), TRANSFER_BYTES);
      long at = position + from.position() - start;
      check(FileMethods.xWrite(file, address(from), bytes, at), "write %d bytes at %d", bytes, at);
      from.position(from.position() + bytes);
    }
  }

  @Override
  public void truncate(long size) {
    check(FileMethods.xTruncate(file, size), "cut to %d bytes", size);
  }

  /** fsync. */
  void sync() {
    check(FileMethods.xSync(file, SYNC_NORMAL), "sync");
  }

  /** Whether a file promises that a write does not harm the bytes beside it. */
  static boolean powersafeOverwrite(long file) {
    return (FileMethods.xDeviceCharacteristics(file) & POWERSAFE_OVERWRITE) != 0;
  }

  @Override
  public ByteBuffer region(int index) {
    check(
        FileMethods.xShmMap(file, index, REGION_BYTES, 1, address(out)),
        "map wal-index region %d",
        index);
    long region = out.getLong(0);
    Invariant.check(region != 0, "%s: wal-index region %d was not mapped", name, index);
    return new Pointer(region).getByteBuffer(0, REGION_BYTES).order(ByteOrder.nativeOrder());
  }

  @Override
  public void barrier() {
    FileMethods.xShmBarrier(file);
  }

  /** Takes a lock slot of the wal-index exclusively; false if somebody else has it. */
  boolean tryLock(int slot) {
    int code = FileMethods.xShmLock(file, slot, 1, SHM_LOCK | SHM_EXCLUSIVE);
    if ((code & 0xff) == ResultCode.BUSY) {
      return false;
    }
    check(code, "lock slot %d", slot);
    return true;
  }

  /** Gives back what {@link #tryLock} took. */
  void unlock(int slot) {
    check(FileMethods.xShmLock(file, slot, 1, SHM_UNLOCK | SHM_EXCLUSIVE), "unlock slot %d", slot);
  }

  @FormatMethod
  private void check(int code, @FormatString String what, Object... args) {
    if (code != ResultCode.OK) {
      throw new SqliteException(code, name + ": " + String.format(what, args));
    }
  }

  private static long address(Memory memory) {
    return Pointer.nativeValue(memory);
  }

  private static long address(ByteBuffer direct) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(direct)) + direct.position();
  }
}
