package dev.balsa.raft.log;

import dev.balsa.raft.FileDeletion;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** The operating system's files. */
final class SystemFiles implements FileLayer {
  static final SystemFiles INSTANCE = new SystemFiles(FileDeletion.system());

  /**
   * Zeros are forced in steps of this size: a commit's force waits for the file system's journal,
   * and the journal for what others have written, so a large force beside it would stall commits.
   */
  private static final int ZERO_STEP_BYTES = 2 << 20;

  /**
   * Zeros are written page by page. Linux keeps a file in its cache in pieces as large as the
   * writes that brought it there, and a store through a mapping makes the whole piece dirty: with
   * writes of 2 MiB, every force of one small entry writes 2 MiB (seen on ext4, Linux 6.18).
   */
  private static final int ZERO_WRITE_BYTES = 4096;

  private static final boolean WINDOWS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  private final FileDeletion deletion;

  SystemFiles(FileDeletion deletion) {
    this.deletion = deletion;
  }

  @Override
  public void force(Path file, FileChannel channel) throws IOException {
    channel.force(false);
  }

  @Override
  public void forceRange(Path file, MappedByteBuffer mapping, int from, int to) throws IOException {
    try {
      mapping.force(from, to - from);
    } catch (UncheckedIOException e) {
      throw new IOException(file + " cannot be forced: " + e.getMessage(), e);
    }
  }

  @Override
  public void forceDirectory(Path folder) throws IOException {
    if (WINDOWS) {
      return; // cannot open a folder; NTFS journals its entries
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(Path file) throws IOException {
    deletion.delete(file);
  }

  @Override
  public void awaitDeleted() throws IOException {
    try {
      deletion.awaitSpace();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while deleted files gave back their space");
    }
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }

  @Override
  public void copyPrefix(Path from, Path to, long bytes) throws IOException {
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(
                to,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
      for (long done = 0; done < bytes; ) {
        long moved = in.transferTo(done, bytes - done, out);
        if (moved <= 0) {
          throw new IOException(from + " ends at " + done + ", wanted " + bytes);
        }
        done += moved;
      }
    }
  }

  @Override
  public void createZeros(Path file, long zeroBytes, long fileBytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeZeros(channel, zeroBytes);
      if (fileBytes > zeroBytes) {
        // The last byte makes the size; a page of the hole is allocated for it.
        channel.write(ByteBuffer.allocate(1), fileBytes - 1);
      }
      channel.force(true);
    }
  }

  @Override
  public void zeroAgain(Path file, long zeroBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      writeZeros(channel, zeroBytes);
      channel.force(true);
    }
  }

  private static void writeZeros(FileChannel channel, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(ZERO_WRITE_BYTES);
    for (long at = 0; at < bytes; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
      at += channel.write(zeros, at);
      if (at % ZERO_STEP_BYTES == 0) {
        channel.force(false);
      }
    }
  }
}
