package dev.balsa.fsm;

import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation.Kind;
import dev.balsa.sqlite.wal.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The engine's own file operations, in the same trace as SQLite's: recorded, and failing where a
 * test wants it. As there, syncs are not done.
 */
final class RecordingFiles implements FileLayer {
  private final FileLayer files;
  private final DiskTrace trace;

  /** Records what is done to the operating system's files; all must be in the trace's folder. */
  RecordingFiles(DiskTrace trace) {
    this.files = FileLayer.SYSTEM;
    this.trace = trace;
  }

  @Override
  public File open(Path path) throws IOException {
    synchronized (trace) {
      requireCovered(path);
      int number = trace.file(path);
      Invariant.check(
          (number != 0) == files.exists(path),
          "%s was made or deleted behind the trace's back",
          path);
      if (number != 0) {
        return new Recorded(path, number, files.open(path));
      }
      throwIf(trace.failing(Kind.CREATE), path);
      File opened = files.open(path);
      return new Recorded(path, trace.created(path), opened);
    }
  }

  @Override
  public boolean exists(Path path) {
    return files.exists(path);
  }

  @Override
  public long modifiedNanos(Path path) throws IOException {
    return files.modifiedNanos(path);
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    return files.list(folder);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    synchronized (trace) {
      requireCovered(folder);
      if (trace.exists(folder)) {
        return;
      }
      Path parent = folder.getParent();
      if (parent != null) {
        createFolder(parent);
      }
      throwIf(trace.failing(Kind.CREATE_FOLDER), folder);
      files.createFolder(folder);
      trace.folderCreated(folder);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    synchronized (trace) {
      requireCovered(from);
      requireCovered(to);
      throwIf(trace.failing(Kind.RENAME), from);
      files.rename(from, to);
      trace.renamed(from, to);
    }
  }

  /** Shared memory is deleted too, but that is not recorded. */
  @Override
  public void delete(Path path) throws IOException {
    synchronized (trace) {
      if (!files.exists(path) || isSharedMemory(path)) {
        files.delete(path);
        return;
      }
      requireCovered(path);
      throwIf(trace.failing(Kind.DELETE), path);
      files.delete(path);
      trace.deleted(path);
    }
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    synchronized (trace) {
      requireCovered(folder);
      throwIfNotForced(trace.failing(Kind.SYNC_FOLDER), folder);
      trace.folderSynced(folder);
    }
  }

  private static boolean isSharedMemory(Path path) {
    return path.toString().endsWith("-shm");
  }

  /** What is not recorded would survive every crash. */
  private void requireCovered(Path path) {
    Invariant.check(trace.covers(path), "%s is not in the recorded folder", path);
  }

  private static void throwIf(@Nullable Failure failure, Path path) throws IOException {
    if (failure != null) {
      throw new IOException(
          path
              + ": "
              + (failure == Failure.NO_SPACE ? "No space left on device" : "Input/output error"));
    }
  }

  private static void throwIfNotForced(@Nullable Failure failure, Path path)
      throws ForceFailedException {
    try {
      throwIf(failure, path);
    } catch (IOException e) {
      throw new ForceFailedException(e);
    }
  }

  private final class Recorded implements File {
    private final Path path;
    private final int number;
    private final File file;

    Recorded(Path path, int number, File file) {
      this.path = path;
      this.number = number;
      this.file = file;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      return file.read(position, into);
    }

    @Override
    public void write(long position, ByteBuffer from) throws IOException {
      synchronized (trace) {
        Failure failure = trace.failing(Kind.WRITE);
        int all = from.remaining();
        byte[] written =
            new byte[failure == null ? all : failure == Failure.NO_SPACE ? all / 2 : 0];
        from.get(written);
        if (written.length > 0) {
          file.write(position, ByteBuffer.wrap(written));
          trace.wrote(number, position, written);
        }
        throwIf(failure, path);
      }
    }

    @Override
    public void resize(long bytes) throws IOException {
      synchronized (trace) {
        throwIf(trace.failing(Kind.RESIZE), path);
        file.resize(bytes);
        trace.resized(number, bytes);
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (trace) {
        Failure failure = trace.failing(Kind.SYNC);
        if (failure == null) {
          trace.synced(number);
        } else {
          trace.syncFailed(number);
        }
        throwIfNotForced(failure, path);
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
