package dev.balsa.fsm;

import dev.balsa.raft.FileDeletion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The operating system's files. */
final class SystemFiles implements FileLayer {
  private static final boolean WINDOWS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  SystemFiles() {}

  @Override
  public File open(Path path) throws IOException {
    return new Open(
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public long modifiedNanos(Path path) throws IOException {
    return Files.getLastModifiedTime(path).to(TimeUnit.NANOSECONDS);
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    Files.createDirectories(folder);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(Path path) throws IOException {
    FileDeletion.system().delete(path);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    if (WINDOWS) {
      return; // cannot open a folder; NTFS journals its entries
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      force(channel);
    }
  }

  private static void force(FileChannel channel) throws IOException {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw new ForceFailedException(e);
    }
  }

  private static final class Open implements File {
    private final FileChannel channel;

    Open(FileChannel channel) {
      this.channel = channel;
    }

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
    public void write(long position, ByteBuffer from) throws IOException {
      long at = position;
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    }

    @Override
    public void resize(long bytes) throws IOException {
      long size = channel.size();
      if (bytes < size) {
        channel.truncate(bytes);
      } else if (bytes > size) {
        channel.write(ByteBuffer.allocate(1), bytes - 1);
      }
    }

    @Override
    public void force() throws IOException {
      SystemFiles.force(channel);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
