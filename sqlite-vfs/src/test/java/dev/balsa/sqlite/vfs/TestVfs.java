package dev.balsa.sqlite.vfs;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.Sqlite3;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.SqliteRandomness;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.InvariantViolation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's default VFS, with all that changes files going through here: it records what happens in
 * folders that a test watches ({@link #record}), lets operations fail, and gives SQLite randomness
 * and time that a test chose. Files elsewhere are used as always, but for an upcall.
 *
 * <p>It becomes the process's default VFS, and stays that; since the product keeps the addresses of
 * the default VFS's methods, it must be there before any database file was opened. So tests on it
 * have a JVM of their own: {@link OnTestVfs}.
 *
 * <p>Syncs are never done, neither of watched files nor of others: it takes long, and no power
 * fails here but in play.
 */
public final class TestVfs {
  private static final String NAME = "balsa-test";
  private static final int VFS_BYTES = 168;
  private static final int VFS_VERSION = 0;
  private static final int VFS_NEXT = 16;
  private static final int VFS_NAME = 24;
  private static final int VFS_OPEN = 40;
  private static final int VFS_DELETE = 48;
  private static final int VFS_RANDOMNESS = 104;
  private static final int VFS_CURRENT_TIME_INT64 = 136;

  private static final int OPEN_DELETEONCLOSE = 0x8;
  private static final int OPEN_CREATE = 0x4;
  private static final int OPEN_MAIN_DB = 0x100;
  private static final int OPEN_MAIN_JOURNAL = 0x800;
  private static final int OPEN_SUPER_JOURNAL = 0x4000;
  private static final int OPEN_WAL = 0x80000;
  private static final int OPEN_JOURNALS = OPEN_MAIN_JOURNAL | OPEN_SUPER_JOURNAL | OPEN_WAL;

  private static final int IOERR_DIR_FSYNC = ResultCode.IOERR | 5 << 8;
  private static final int IOERR_DELETE = ResultCode.IOERR | 10 << 8;

  /** SQLite counts from noon on 24 November 4714 BC. https://sqlite.org/c3ref/vfs.html */
  private static final long JULIAN_MILLIS_OF_1970 = 210_866_760_000_000L;

  private static @Nullable TestVfs installed;

  private final long original;
  private final SqliteRandomness sqliteRandomness;
  private final TestVfsFiles files = new TestVfsFiles();
  private final List<DiskTrace> traces = new CopyOnWriteArrayList<>();
  private volatile @Nullable RandomGenerator randomness;
  private volatile @Nullable LongSupplier millisSinceEpoch;

  // Kept reachable: SQLite holds their addresses.
  private final XOpen open = this::open;
  private final XDelete delete = this::delete;
  private final XRandomness fillRandomly = this::fillRandomly;
  private final XCurrentTime currentTime = this::currentTime;
  private final Memory vfs;
  private final Memory name;

  interface XOpen extends Callback {
    int invoke(long vfs, long name, long file, int flags, long outFlags);
  }

  interface XDelete extends Callback {
    int invoke(long vfs, long name, int syncFolder);
  }

  interface XRandomness extends Callback {
    int invoke(long vfs, int bytes, long out);
  }

  interface XCurrentTime extends Callback {
    int invoke(long vfs, long out);
  }

  /** The methods of SQLite's own default VFS. */
  static final class Original {
    private Original() {}

    static native int xOpen(long vfs, long name, long file, int flags, long outFlags);

    static native int xDelete(long vfs, long name, int syncFolder);

    static native int xRandomness(long vfs, int bytes, long out);

    static native int xCurrentTimeInt64(long vfs, long out);
  }

  private TestVfs() {
    sqliteRandomness = SqliteRandomness.bundled();
    original = Sqlite3.sqlite3_vfs_find(0);
    Pointer table = new Pointer(original);
    Invariant.check(table.getInt(VFS_VERSION) >= 2, "an old VFS");
    NativeMethods.bind(
        Original.class,
        Map.of(
            "xOpen", table.getLong(VFS_OPEN),
            "xDelete", table.getLong(VFS_DELETE),
            "xRandomness", table.getLong(VFS_RANDOMNESS),
            "xCurrentTimeInt64", table.getLong(VFS_CURRENT_TIME_INT64)));
    byte[] text = (NAME + '\0').getBytes(StandardCharsets.UTF_8);
    name = new Memory(text.length);
    name.write(0, text, 0, text.length);
    vfs = new Memory(VFS_BYTES);
    vfs.write(0, table.getByteArray(0, VFS_BYTES), 0, VFS_BYTES);
    vfs.setPointer(VFS_NEXT, null);
    vfs.setPointer(VFS_NAME, name);
    vfs.setPointer(VFS_OPEN, CallbackReference.getFunctionPointer(open));
    vfs.setPointer(VFS_DELETE, CallbackReference.getFunctionPointer(delete));
    vfs.setPointer(VFS_RANDOMNESS, CallbackReference.getFunctionPointer(fillRandomly));
    vfs.setPointer(VFS_CURRENT_TIME_INT64, CallbackReference.getFunctionPointer(currentTime));
  }

  /**
   * Makes it the default VFS, if it is not yet.
   *
   * @throws IllegalStateException if database files were opened before
   */
  public static synchronized TestVfs install() {
    TestVfs vfs = installed;
    if (vfs == null) {
      Sqlite3.require();
      vfs = new TestVfs();
      vfs.register();
      installed = vfs;
    }
    return vfs;
  }

  private void register() {
    int code = Sqlite3.sqlite3_vfs_register(Pointer.nativeValue(vfs), 1);
    if (code != ResultCode.OK) {
      throw new SqliteException(code, "the tests' VFS cannot be registered");
    }
    boolean used = false;
    try (TempFolder folder = new TempFolder();
        SqliteConnection db =
            SqliteConnection.open(
                folder.file("first.db"), OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
      FileMethods.bindMainFile(db.fileHandle());
      used = true;
    } catch (InvariantViolation e) {
      throw new IllegalStateException("this JVM's SQLite has opened databases on another VFS", e);
    } finally {
      if (!used) {
        Sqlite3.sqlite3_vfs_unregister(Pointer.nativeValue(vfs));
      }
    }
  }

  /**
   * Begins to record what happens in a folder. No database in it may be open.
   *
   * @throws IOException if what is in it cannot be read
   */
  public synchronized DiskTrace record(Path folder) throws IOException {
    Path real = folder.toRealPath();
    Invariant.check(!files.anyOpenIn(real), "a database in %s is open", folder);
    for (DiskTrace other : traces) {
      Invariant.check(
          !other.covers(real) && !real.equals(other.folder()) && !other.folder().startsWith(real),
          "%s is recorded already",
          folder);
    }
    DiskTrace trace = DiskTrace.start(real);
    traces.add(trace);
    return trace;
  }

  /** Ends a recording. Files that are still open go on to be recorded. */
  public void stop(DiskTrace trace) {
    traces.remove(trace);
  }

  /** Lets SQLite draw all that it draws of this seed, from now on. */
  public void seed(long seed) {
    randomness = new SplittableRandom(seed);
    sqliteRandomness.restart();
  }

  /** Lets SQLite take the time from here, in milliseconds since 1970. */
  public void time(LongSupplier millis) {
    millisSinceEpoch = millis;
  }

  /** The system's randomness and time again. */
  public void useSystem() {
    randomness = null;
    millisSinceEpoch = null;
    sqliteRandomness.restart();
  }

  private @Nullable DiskTrace traceOf(Path path) {
    for (DiskTrace trace : traces) {
      if (trace.covers(path)) {
        return trace;
      }
    }
    return null;
  }

  @SuppressWarnings("UnusedVariable") // vfs: SQLite's calling convention
  private int open(long vfs, long name, long file, int flags, long outFlags) {
    try {
      boolean lasting = (flags & (OPEN_MAIN_DB | OPEN_JOURNALS)) != 0;
      if (name == 0 || !lasting || (flags & OPEN_DELETEONCLOSE) != 0) {
        return Original.xOpen(original, name, file, flags, outFlags);
      }
      Path path = path(name);
      DiskTrace trace = traceOf(path);
      if (trace == null) {
        int code = Original.xOpen(original, name, file, flags, outFlags);
        if (code == ResultCode.OK) {
          files.opened(file, new TestVfsFiles.Recording(path, null, 0, false));
        }
        return code;
      }
      synchronized (trace) {
        return open(path, trace, name, file, flags, outFlags);
      }
    } catch (Throwable e) {
      return refuse(file);
    }
  }

  private int open(Path path, DiskTrace trace, long name, long file, int flags, long outFlags) {
    try {
      boolean fresh = trace.file(path) == 0;
      Invariant.check(
          fresh != Files.exists(path), "%s was made or deleted behind the trace's back", path);
      boolean creates = fresh && (flags & OPEN_CREATE) != 0;
      if (creates && trace.failing(Kind.CREATE) != null) {
        return refuse(file);
      }
      int code = Original.xOpen(original, name, file, flags, outFlags);
      if (code != ResultCode.OK) {
        return code;
      }
      int number = creates ? trace.created(path) : trace.file(path);
      // SQLite syncs the folder of a new journal or WAL when it first syncs that.
      boolean syncsFolder = creates && (flags & OPEN_JOURNALS) != 0;
      files.opened(file, new TestVfsFiles.Recording(path, trace, number, syncsFolder));
      return ResultCode.OK;
    } catch (Throwable e) {
      trace.broken(e);
      throw e;
    }
  }

  /** Without methods, SQLite does not close the handle. */
  private static int refuse(long file) {
    new Pointer(file).setLong(0, 0);
    return ResultCode.CANTOPEN;
  }

  @SuppressWarnings("UnusedVariable") // vfs: SQLite's calling convention
  private int delete(long vfs, long name, int syncFolder) {
    try {
      Path path = path(name);
      DiskTrace trace = traceOf(path);
      if (trace == null) {
        return Original.xDelete(original, name, 0);
      }
      synchronized (trace) {
        if (trace.file(path) == 0) {
          return Original.xDelete(original, name, 0);
        }
        return delete(path, trace, name, syncFolder != 0);
      }
    } catch (Throwable e) {
      return IOERR_DELETE;
    }
  }

  private int delete(Path path, DiskTrace trace, long name, boolean syncFolder) {
    Failure failure = trace.failing(Kind.DELETE);
    int code = failure == null ? Original.xDelete(original, name, 0) : IOERR_DELETE;
    if (code != ResultCode.OK) {
      return code;
    }
    trace.deleted(path);
    return syncFolder ? syncFolderOf(path, trace) : ResultCode.OK;
  }

  static int syncFolderOf(Path path, DiskTrace trace) {
    if (trace.failing(Kind.SYNC_FOLDER) != null) {
      return IOERR_DIR_FSYNC;
    }
    trace.folderSynced(path.resolveSibling(""));
    return ResultCode.OK;
  }

  @SuppressWarnings("UnusedVariable") // vfs: SQLite's calling convention
  private int fillRandomly(long vfs, int bytes, long out) {
    RandomGenerator chosen = randomness;
    if (chosen == null) {
      return Original.xRandomness(original, bytes, out);
    }
    byte[] drawn = new byte[bytes];
    chosen.nextBytes(drawn);
    new Pointer(out).write(0, drawn, 0, bytes);
    return bytes;
  }

  @SuppressWarnings("UnusedVariable") // vfs: SQLite's calling convention
  private int currentTime(long vfs, long out) {
    LongSupplier chosen = millisSinceEpoch;
    if (chosen == null) {
      return Original.xCurrentTimeInt64(original, out);
    }
    new Pointer(out).setLong(0, JULIAN_MILLIS_OF_1970 + chosen.getAsLong());
    return ResultCode.OK;
  }

  private static Path path(long name) {
    return Path.of(new Pointer(name).getString(0, "UTF-8"));
  }
}
