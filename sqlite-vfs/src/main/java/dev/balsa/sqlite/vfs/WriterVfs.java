package dev.balsa.sqlite.vfs;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.Sqlite3;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.wal.Invariant;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The VFS that writers are opened with: SQLite's default one, with a few methods exchanged in
 * copies of its tables (<a href="https://sqlite.org/vfs.html">sqlite.org/vfs.html</a>).
 *
 * <ul>
 *   <li>On the writer's WAL, {@code xSync} is an upcall: it is where a commit is captured.
 *   <li>On its main file, the lock methods are SQLite's own ones that do nothing (those of {@code
 *       unix-none}), since readers and checkpoints go on in the same file; {@code iVersion} is 1:
 *       no shared memory, so that the wal-index is the writer's own, and no mapping of the file;
 *       writing and cutting always fail. In WAL mode a writer never does either, unless it
 *       checkpoints or leaves WAL mode, which it must not.
 *   <li>{@code xOpen} refuses rollback journals, and every database that is not opened by {@link
 *       #open}: an ATTACH, for one. {@code xDelete} refuses to delete a WAL.
 * </ul>
 *
 * <p>All else is the default VFS's own native code. Registered once a process and never removed;
 * the native tables and callbacks live as long.
 *
 * <p>Upcalls find their writer by the address of the file handle that they get. Handles are entered
 * while a writer is opened, by the thread that opens it, and taken out after it was closed.
 */
final class WriterVfs {
  /** Its name for {@code sqlite3_open_v2}. */
  static final String NAME = "balsa-writer";

  private static final int VFS_BYTES = 168;
  private static final int VFS_OS_FILE_BYTES = 4;
  private static final int VFS_NEXT = 16;
  private static final int VFS_NAME = 24;
  private static final int VFS_OPEN = 40;
  private static final int VFS_DELETE = 48;

  private static final int OPEN_READWRITE = 0x2;
  private static final int OPEN_CREATE = 0x4;
  private static final int OPEN_DELETEONCLOSE = 0x8;
  private static final int OPEN_EXCLUSIVE = 0x10;
  private static final int OPEN_MAIN_DB = 0x100;
  private static final int OPEN_TEMP_DB = 0x200;
  private static final int OPEN_MAIN_JOURNAL = 0x800;
  private static final int OPEN_SUPER_JOURNAL = 0x4000;
  private static final int OPEN_WAL = 0x80000;

  /** Extended codes of what is refused. */
  private static final int IOERR_WRITE = ResultCode.IOERR | 3 << 8;

  private static final int IOERR_FSYNC = ResultCode.IOERR | 4 << 8;
  private static final int IOERR_TRUNCATE = ResultCode.IOERR | 6 << 8;
  private static final int IOERR_DELETE = ResultCode.IOERR | 10 << 8;

  private static @Nullable WriterVfs installed;

  /** The writer that a thread is opening. */
  private static final ThreadLocal<Opening> OPENINGS = new ThreadLocal<>();

  private final long defaultVfs;
  private final Map<Long, WriterHooks> hooksByFile = new ConcurrentHashMap<>();

  /** Native table of a file, to our copy of it; guarded by itself. */
  private final Map<Long, Memory> mainTables = new HashMap<>();

  private final Map<Long, Memory> walTables = new HashMap<>();

  /** Method table whose lock methods do nothing. */
  private final Memory noLocks;

  // Kept reachable: SQLite holds their addresses.
  private final XOpen open = this::open;
  private final XDelete delete = this::delete;
  private final WalSync walSync = (file, flags) -> walSync(file);
  private final XWrite mainWrite = this::mainWrite;
  private final XTruncate mainTruncate = this::mainTruncate;
  private final Memory vfs;
  private final Memory name;

  interface XOpen extends Callback {
    int invoke(long vfs, long name, long file, int flags, long outFlags);
  }

  interface XDelete extends Callback {
    int invoke(long vfs, long name, int syncFolder);
  }

  /** Called for every commit. */
  interface WalSync extends Callback {
    int invoke(long file, int flags);
  }

  /**
   * C's own memmove, which answers its first argument: so of no bytes it tells the address that JNA
   * gives a callback which is handed to a directly mapped function. By that one the callback is
   * called directly too: in 0.3 us less than by the one of {@link
   * CallbackReference#getFunctionPointer}, for which JNA makes objects of its arguments.
   */
  private static final class DirectCallback {
    static {
      Native.register(
          DirectCallback.class,
          Platform.isWindows()
              ? NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
              : NativeLibrary.getProcess());
    }

    private DirectCallback() {}

    static native long memmove(WalSync callback, long from, long bytes);

    static Pointer address(WalSync callback) {
      return new Pointer(memmove(callback, 0, 0));
    }
  }

  interface XWrite extends Callback {
    int invoke(long file, long buffer, int bytes, long offset);
  }

  interface XTruncate extends Callback {
    int invoke(long file, long size);
  }

  /** The default VFS's own methods that ours lead to. */
  static final class Default {
    private Default() {}

    static native int xOpen(long vfs, long name, long file, int flags, long outFlags);

    static native int xDelete(long vfs, long name, int syncFolder);
  }

  private WriterVfs() {
    defaultVfs = Sqlite3.sqlite3_vfs_find(0);
    Invariant.check(defaultVfs != 0, "SQLite has no default VFS");
    Pointer original = new Pointer(defaultVfs);
    NativeMethods.bind(
        Default.class,
        Map.of(
            "xOpen", original.getLong(VFS_OPEN),
            "xDelete", original.getLong(VFS_DELETE)));
    noLocks = methodsOfUnlockedFiles();
    name = cString(NAME);
    vfs = new Memory(VFS_BYTES);
    vfs.write(0, original.getByteArray(0, VFS_BYTES), 0, VFS_BYTES);
    vfs.setPointer(VFS_NEXT, null);
    vfs.setPointer(VFS_NAME, name);
    vfs.setPointer(VFS_OPEN, CallbackReference.getFunctionPointer(open));
    vfs.setPointer(VFS_DELETE, CallbackReference.getFunctionPointer(delete));
    int code = Sqlite3.sqlite3_vfs_register(Pointer.nativeValue(vfs), 0);
    if (code != ResultCode.OK) {
      throw new SqliteException(code, "the writer's VFS cannot be registered");
    }
  }

  /** The VFS, registered. */
  static synchronized WriterVfs get() {
    WriterVfs vfs = installed;
    if (vfs == null) {
      Sqlite3.require();
      vfs = new WriterVfs();
      installed = vfs;
    }
    return vfs;
  }

  /**
   * Lets this thread open one writer. Its database and its WAL must both be opened before the
   * answer is closed, which a first read sees to.
   */
  Opening opening(WriterHooks hooks) {
    Invariant.check(OPENINGS.get() == null, "this thread is opening another writer");
    Opening opening = new Opening(hooks);
    OPENINGS.set(opening);
    return opening;
  }

  /** The files of one writer. */
  final class Opening implements AutoCloseable {
    private final WriterHooks hooks;
    private long mainFile;
    private long walFile;

    private Opening(WriterHooks hooks) {
      this.hooks = hooks;
    }

    /** Checks that a writer was opened here, and here alone. */
    void check(long connectionsMainFile) {
      Invariant.check(
          mainFile != 0 && mainFile == connectionsMainFile, "the writer is on another VFS");
      Invariant.check(walFile != 0, "the writer has no WAL");
    }

    /** Ends the opening; upcalls of its files go on. */
    @Override
    public void close() {
      OPENINGS.remove();
    }

    /** Forgets the files, once SQLite has closed them. */
    void filesClosed() {
      hooksByFile.remove(mainFile, hooks);
      hooksByFile.remove(walFile, hooks);
    }
  }

  @SuppressWarnings("UnusedVariable") // vfs: SQLite's calling convention
  private int open(long vfs, long name, long file, int flags, long outFlags) {
    try {
      if ((flags & (OPEN_MAIN_JOURNAL | OPEN_SUPER_JOURNAL)) != 0) {
        return refuse(file);
      }
      if ((flags & (OPEN_MAIN_DB | OPEN_WAL)) == 0) {
        return Default.xOpen(defaultVfs, name, file, flags, outFlags);
      }
      Opening opening = OPENINGS.get();
      boolean main = (flags & OPEN_MAIN_DB) != 0;
      if (opening == null || (main ? opening.mainFile : opening.walFile) != 0) {
        return refuse(file);
      }
      int code = Default.xOpen(defaultVfs, name, file, flags, outFlags);
      return code == ResultCode.OK ? hook(opening, main, file) : code;
    } catch (Throwable e) {
      return ResultCode.CANTOPEN;
    }
  }

  /** Without methods, SQLite does not close the handle. */
  private static int refuse(long file) {
    new Pointer(file).setLong(0, 0);
    return ResultCode.CANTOPEN;
  }

  private int hook(Opening opening, boolean main, long file) {
    try {
      if (main) {
        useTable(file, mainTables, this::guardMainFile);
        opening.mainFile = file;
      } else {
        opening.hooks.walOpened(file);
        useTable(
            file,
            walTables,
            table -> table.setPointer(FileMethods.SYNC, DirectCallback.address(walSync)));
        opening.walFile = file;
      }
      hooksByFile.put(file, opening.hooks);
      return ResultCode.OK;
    } catch (Throwable e) {
      opening.hooks.forbidden("open its files: " + e);
      FileMethods.close(file);
      return refuse(file);
    }
  }

  private void guardMainFile(Memory table) {
    table.setInt(0, 1);
    table.setPointer(FileMethods.WRITE, CallbackReference.getFunctionPointer(mainWrite));
    table.setPointer(FileMethods.TRUNCATE, CallbackReference.getFunctionPointer(mainTruncate));
    for (int lock :
        new int[] {FileMethods.LOCK, FileMethods.UNLOCK, FileMethods.CHECK_RESERVED_LOCK}) {
      table.setPointer(lock, noLocks.getPointer(lock));
    }
  }

  private static void useTable(long file, Map<Long, Memory> tables, Consumer<Memory> change) {
    Pointer original = FileMethods.table(file);
    Memory copy;
    synchronized (tables) {
      copy =
          tables.computeIfAbsent(
              Pointer.nativeValue(original),
              address -> {
                Memory table = new Memory(FileMethods.TABLE_BYTES);
                byte[] bytes = original.getByteArray(0, FileMethods.TABLE_BYTES);
                table.write(0, bytes, 0, bytes.length);
                change.accept(table);
                return table;
              });
    }
    new Pointer(file).setPointer(0, copy);
  }

  @SuppressWarnings("UnusedVariable") // vfs: SQLite's calling convention
  private int delete(long vfs, long name, int syncFolder) {
    try {
      if (new Pointer(name).getString(0, "UTF-8").endsWith("-wal")) {
        return IOERR_DELETE;
      }
      return Default.xDelete(defaultVfs, name, syncFolder);
    } catch (Throwable e) {
      return IOERR_DELETE;
    }
  }

  private int walSync(long file) {
    try {
      WriterHooks hooks = hooksByFile.get(file);
      return hooks == null ? IOERR_FSYNC : hooks.walSync();
    } catch (Throwable e) {
      return IOERR_FSYNC;
    }
  }

  @SuppressWarnings("UnusedVariable") // SQLite's calling convention
  private int mainWrite(long file, long buffer, int bytes, long offset) {
    return forbid(file, "write to the main file", IOERR_WRITE);
  }

  @SuppressWarnings("UnusedVariable") // SQLite's calling convention
  private int mainTruncate(long file, long size) {
    return forbid(file, "cut the main file", IOERR_TRUNCATE);
  }

  private int forbid(long file, String what, int code) {
    try {
      WriterHooks hooks = hooksByFile.get(file);
      if (hooks != null) {
        hooks.forbidden(what);
      }
    } catch (Throwable e) {
      return code;
    }
    return code;
  }

  /** The methods of a temporary file of {@code unix-none}: its lock methods do nothing. */
  private static Memory methodsOfUnlockedFiles() {
    try (Memory vfsName = cString("unix-none")) {
      long none = Sqlite3.sqlite3_vfs_find(Pointer.nativeValue(vfsName));
      if (none == 0) {
        throw new SqliteException(ResultCode.NOTFOUND, "this SQLite has no VFS named unix-none");
      }
      Pointer vfs = new Pointer(none);
      try (Memory file = new Memory(vfs.getInt(VFS_OS_FILE_BYTES))) {
        file.clear();
        int flags =
            OPEN_READWRITE | OPEN_CREATE | OPEN_EXCLUSIVE | OPEN_DELETEONCLOSE | OPEN_TEMP_DB;
        int code =
            Function.getFunction(vfs.getPointer(VFS_OPEN))
                .invokeInt(new Object[] {vfs, null, file, flags, null});
        if (code != ResultCode.OK) {
          throw new SqliteException(code, "no temporary file can be made");
        }
        Pointer table = file.getPointer(0);
        Memory copy = new Memory(FileMethods.TABLE_BYTES);
        byte[] bytes = table.getByteArray(0, FileMethods.TABLE_BYTES);
        copy.write(0, bytes, 0, bytes.length);
        Function.getFunction(table.getPointer(FileMethods.CLOSE)).invokeInt(new Object[] {file});
        return copy;
      }
    }
  }

  private static Memory cString(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Memory memory = new Memory(bytes.length + 1L);
    memory.write(0, bytes, 0, bytes.length);
    memory.setByte(bytes.length, (byte) 0);
    return memory;
  }
}
