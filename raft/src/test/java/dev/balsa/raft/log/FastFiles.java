package dev.balsa.raft.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The system's files without any force: for tests that do not pull the plug. */
class FastFiles implements FileLayer {
  private final FileLayer system = FileLayer.system();

  @Override
  public void force(Path file, FileChannel channel) throws IOException {}

  @Override
  public void forceRange(Path file, MappedByteBuffer mapping, int from, int to)
      throws IOException {}

  @Override
  public void forceDirectory(Path folder) throws IOException {}

  @Override
  public void rename(Path from, Path to) throws IOException {
    system.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    system.delete(file);
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    system.truncate(file, bytes);
  }

  @Override
  public void copyPrefix(Path from, Path to, long bytes) throws IOException {
    system.copyPrefix(from, to, bytes);
  }

  @Override
  public void createZeros(Path file, long zeroBytes, long fileBytes) throws IOException {
    java.nio.file.Files.write(file, new byte[(int) fileBytes]);
  }

  @Override
  public void zeroAgain(Path file, long zeroBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      write(file, channel, ByteBuffer.allocate((int) zeroBytes), 0);
    }
  }
}
