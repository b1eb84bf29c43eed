package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Files of which one read fails, once, like a bad sector. */
final class ReadFaults implements FileLayer {
  private final FileLayer files;
  private final AtomicLong reads = new AtomicLong();
  private volatile long failing;

  ReadFaults(FileLayer files) {
    this.files = files;
  }

  /** How many reads there were. */
  long reads() {
    return reads.get();
  }

  /** Lets the {@code nth} read from now fail, from 1; none if that is 0. */
  void fail(long nth) {
    failing = nth == 0 ? 0 : reads.get() + nth;
  }

  private void reading(Path path) throws IOException {
    if (reads.incrementAndGet() == failing) {
      throw new IOException(path + ": Input/output error");
    }
  }

  @Override
  public File open(Path path) throws IOException {
    File file = files.open(path);
    return new File() {
      @Override
      public long size() throws IOException {
        reading(path);
        return file.size();
      }

      @Override
      public int read(long position, ByteBuffer into) throws IOException {
        reading(path);
        return file.read(position, into);
      }

      @Override
      public void write(long position, ByteBuffer from) throws IOException {
        file.write(position, from);
      }

      @Override
      public void resize(long bytes) throws IOException {
        file.resize(bytes);
      }

      @Override
      public void force() throws IOException {
        file.force();
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  @Override
  public boolean exists(Path path) {
    return files.exists(path);
  }

  @Override
  public long modifiedNanos(Path path) throws IOException {
    reading(path);
    return files.modifiedNanos(path);
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    reading(folder);
    return files.list(folder);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    files.createFolder(folder);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    files.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    files.delete(path);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    files.forceFolder(folder);
  }
}
