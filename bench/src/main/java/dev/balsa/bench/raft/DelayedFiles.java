package dev.balsa.bench.raft;

import dev.balsa.bench.load.ForceDelay;
import dev.balsa.raft.log.FileLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The operating system's files, whose forces take longer. */
final class DelayedFiles implements FileLayer {
  private final FileLayer files = FileLayer.system();
  private final ForceDelay delay;

  DelayedFiles(ForceDelay delay) {
    this.delay = delay;
  }

  @Override
  public void write(Path file, FileChannel channel, ByteBuffer content, long offset)
      throws IOException {
    files.write(file, channel, content, offset);
  }

  @Override
  public void force(Path file, FileChannel channel) throws IOException {
    files.force(file, channel);
    delay.await();
  }

  @Override
  public void forceRange(Path file, MappedByteBuffer mapping, int from, int to) throws IOException {
    files.forceRange(file, mapping, from, to);
    delay.await();
  }

  @Override
  public void forceDirectory(Path folder) throws IOException {
    files.forceDirectory(folder);
    delay.await();
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    files.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    files.delete(file);
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    files.truncate(file, bytes);
  }

  @Override
  public void copyPrefix(Path from, Path to, long bytes) throws IOException {
    files.copyPrefix(from, to, bytes);
  }

  @Override
  public void createZeros(Path file, long zeroBytes, long fileBytes) throws IOException {
    files.createZeros(file, zeroBytes, fileBytes);
  }

  @Override
  public void zeroAgain(Path file, long zeroBytes) throws IOException {
    files.zeroAgain(file, zeroBytes);
  }

  @Override
  public void awaitDeleted() throws IOException {
    files.awaitDeleted();
  }

  @Override
  public long usableBytes(Path folder) throws IOException {
    return files.usableBytes(folder);
  }
}
