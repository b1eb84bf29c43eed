package dev.balsa.fsm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The operating system's files, to be looked at. */
final class ReadOnlyFiles implements FileLayer {
  @Override
  public File open(Path path) throws IOException {
    return new Open(FileChannel.open(path, StandardOpenOption.READ));
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
  public void createFolder(Path folder) {
    throw readOnly();
  }

  @Override
  public void rename(Path from, Path to) {
    throw readOnly();
  }

  @Override
  public void delete(Path path) {
    throw readOnly();
  }

  @Override
  public void forceFolder(Path folder) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("the files are only looked at");
  }

  private record Open(FileChannel channel) implements File {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      int start = into.position();
      while (into.hasRemaining()) {
        int bytes = channel.read(into, position + into.position() - start);
        if (bytes < 0) {
          break;
        }
      }
      return into.position() - start;
    }

    @Override
    public void write(long position, ByteBuffer from) {
      throw readOnly();
    }

    @Override
    public void resize(long bytes) {
      throw readOnly();
    }

    @Override
    public void force() {
      throw readOnly();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
