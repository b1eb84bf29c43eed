package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The operating system's files, whose writes a test may stop. */
abstract class ForwardingFiles implements FileLayer {
  /** Called before each write; may throw. */
  abstract void beforeWrite(FileLayer.File file, long position, ByteBuffer from) throws IOException;

  @Override
  public File open(Path path) throws IOException {
    File file = SYSTEM.open(path);
    return new File() {
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
    return SYSTEM.exists(path);
  }

  @Override
  public long modifiedNanos(Path path) throws IOException {
    return SYSTEM.modifiedNanos(path);
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    return SYSTEM.list(folder);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    SYSTEM.createFolder(folder);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    SYSTEM.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    SYSTEM.delete(path);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    SYSTEM.forceFolder(folder);
  }
}
