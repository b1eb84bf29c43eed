package dev.balsa.sqlite.vfs;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.wal.Invariant;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The open files of {@link TestVfs}: their method tables, and where their changes are recorded. */
final class TestVfsFiles {
  private static final int IOERR_WRITE = ResultCode.IOERR | 3 << 8;
  private static final int IOERR_FSYNC = ResultCode.IOERR | 4 << 8;
  private static final int IOERR_TRUNCATE = ResultCode.IOERR | 6 << 8;
  private static final int IOERR_CLOSE = ResultCode.IOERR | 16 << 8;

  /** Where the changes of an open file are recorded. */
  static final class Recording {
    private final Path path;
    private final @Nullable DiskTrace trace;
    private final int number;
    private boolean syncsFolder;
    private @Nullable Pointer xClose;

    /**
     * Describes a file that is opened.
     *
     * @param trace null if nothing of it is recorded
     * @param number what {@code trace} calls it
     * @param syncsFolder whether its first sync is one of its folder too
     */
    Recording(Path path, @Nullable DiskTrace trace, int number, boolean syncsFolder) {
      this.path = path;
      this.trace = trace;
      this.number = number;
      this.syncsFolder = syncsFolder;
    }
  }

  interface XClose extends Callback {
    int invoke(long file);
  }

  interface XWrite extends Callback {
    int invoke(long file, long buffer, int bytes, long offset);
  }

  interface XTruncate extends Callback {
    int invoke(long file, long size);
  }

  interface XSync extends Callback {
    int invoke(long file, int flags);
  }

  /** The methods of SQLite's own files; all of them have the same ones. */
  static final class Original {
    private Original() {}

    static native int xWrite(long file, long buffer, int bytes, long offset);

    static native int xTruncate(long file, long size);
  }

  private final Map<Long, Recording> recordings = new ConcurrentHashMap<>();

  /** SQLite's table, to our copy of it; guarded by itself. */
  private final Map<Long, Memory> tables = new HashMap<>();

  private Map<Integer, Long> bound = Map.of();

  private final XClose close = this::close;
  private final XWrite write = this::write;
  private final XTruncate truncate = this::truncate;
  private final XSync sync = this::sync;

  boolean anyOpenIn(Path folder) {
    return recordings.values().stream().anyMatch(open -> open.path.startsWith(folder));
  }

  /** Takes over a handle that SQLite's own VFS has opened. */
  void opened(long file, Recording recording) {
    Pointer original = FileMethods.table(file);
    recording.xClose = original.getPointer(FileMethods.CLOSE);
    Memory table;
    synchronized (tables) {
      table = tables.computeIfAbsent(Pointer.nativeValue(original), key -> copy(original));
    }
    recordings.put(file, recording);
    new Pointer(file).setPointer(0, table);
  }

  private Memory copy(Pointer original) {
    Map<Integer, Long> methods =
        Map.of(
            FileMethods.WRITE, original.getLong(FileMethods.WRITE),
            FileMethods.TRUNCATE, original.getLong(FileMethods.TRUNCATE));
    if (bound.isEmpty()) {
      NativeMethods.bind(
          Original.class,
          Map.of(
              "xWrite", original.getLong(FileMethods.WRITE),
              "xTruncate", original.getLong(FileMethods.TRUNCATE)));
      bound = methods;
    }
    Invariant.check(bound.equals(methods), "files with other methods");
    Memory table = new Memory(FileMethods.TABLE_BYTES);
    table.write(0, original.getByteArray(0, FileMethods.TABLE_BYTES), 0, FileMethods.TABLE_BYTES);
    table.setPointer(FileMethods.CLOSE, CallbackReference.getFunctionPointer(close));
    table.setPointer(FileMethods.WRITE, CallbackReference.getFunctionPointer(write));
    table.setPointer(FileMethods.TRUNCATE, CallbackReference.getFunctionPointer(truncate));
    table.setPointer(FileMethods.SYNC, CallbackReference.getFunctionPointer(sync));
    return table;
  }

  private int close(long file) {
    try {
      Recording recording = recordings.remove(file);
      if (recording == null || recording.xClose == null) {
        return IOERR_CLOSE;
      }
      return Function.getFunction(recording.xClose).invokeInt(new Object[] {new Pointer(file)});
    } catch (Throwable e) {
      return IOERR_CLOSE;
    }
  }

  private int write(long file, long buffer, int bytes, long offset) {
    return change(
        file,
        IOERR_WRITE,
        () -> Original.xWrite(file, buffer, bytes, offset),
        (recording, trace) -> {
          Failure failure = trace.failing(Kind.WRITE);
          int wanted = failure == null ? bytes : failure == Failure.NO_SPACE ? bytes / 2 : 0;
          if (wanted > 0) {
            require(Original.xWrite(file, buffer, wanted, offset), "write", recording);
            byte[] written = new Pointer(buffer).getByteArray(0, wanted);
            trace.wrote(recording.number, offset, written);
          }
          return code(failure, IOERR_WRITE);
        });
  }

  private int truncate(long file, long size) {
    return change(
        file,
        IOERR_TRUNCATE,
        () -> Original.xTruncate(file, size),
        (recording, trace) -> {
          Failure failure = trace.failing(Kind.RESIZE);
          if (failure == null) {
            require(Original.xTruncate(file, size), "truncate", recording);
            trace.resized(recording.number, size);
          }
          return code(failure, IOERR_TRUNCATE);
        });
  }

  @SuppressWarnings("UnusedVariable") // flags: SQLite's calling convention
  private int sync(long file, int flags) {
    return change(
        file,
        IOERR_FSYNC,
        () -> ResultCode.OK,
        (recording, trace) -> {
          if (trace.failing(Kind.SYNC) != null) {
            trace.syncFailed(recording.number);
            return IOERR_FSYNC;
          }
          trace.synced(recording.number);
          if (recording.syncsFolder) {
            recording.syncsFolder = false;
            return TestVfs.syncFolderOf(recording.path, trace);
          }
          return ResultCode.OK;
        });
  }

  private interface Plain {
    int run();
  }

  private interface Recorded {
    int run(Recording recording, DiskTrace trace);
  }

  /** Does an operation, recorded or not. JNA would answer an exception with success. */
  private int change(long file, int otherwise, Plain plain, Recorded recorded) {
    try {
      Recording recording = recordings.get(file);
      if (recording == null) {
        return otherwise;
      }
      DiskTrace trace = recording.trace;
      if (trace == null) {
        return plain.run();
      }
      synchronized (trace) {
        try {
          return recorded.run(recording, trace);
        } catch (Throwable e) {
          trace.broken(e);
          return otherwise;
        }
      }
    } catch (Throwable e) {
      return otherwise;
    }
  }

  /** An error of the machine is none that the test asked for. */
  private static void require(int code, String what, Recording recording) {
    Invariant.check(
        code == ResultCode.OK, "%s of %s: %s", what, recording.path, ResultCode.name(code));
  }

  private static int code(@Nullable Failure failure, int ioError) {
    if (failure == null) {
      return ResultCode.OK;
    }
    return failure == Failure.NO_SPACE ? ResultCode.FULL : ioError;
  }
}
