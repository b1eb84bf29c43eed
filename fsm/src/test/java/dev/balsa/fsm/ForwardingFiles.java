package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Other files, whose reads and writes a test may stop. */
class ForwardingFiles implements FileLayer {
  private final FileLayer files;

  /** The operating system's. */
  ForwardingFiles() {
    this(SYSTEM);
  }

  ForwardingFiles(FileLayer files) {
    this.files = files;
  }

  /** Called before each write; may throw. */
  void beforeWrite(FileLayer.File file, long position, ByteBuffer from) throws IOException {}

  /** Called before each read of a file, of its size or time, or of a folder; may throw. */
  void beforeRead(Path path) throws IOException {}

  @Override
  public File open(Path path) throws IOException {
    File file = files.open(path);
    return new File() {
      @Override
      public long size() throws IOException {
        beforeRead(path);
        return file.size();
      }

      @Override
      public int read(long position, ByteBuffer into) throws IOException {
        beforeRead(path);
        return file.read(position, into);
      }

      @Override
      public void write(long position, ByteBuffer from) throws IOException {
        beforeWrite(file, position, from);
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
    beforeRead(path);
    return files.modifiedNanos(path);
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    beforeRead(folder);
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
