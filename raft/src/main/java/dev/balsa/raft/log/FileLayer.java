package dev.balsa.raft.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file operations on which durability rests. There is one implementation, {@link #system()}; a
 * test puts its own in between to see in which order they happen, or to stop the world at any of
 * them. What Chronicle Queue says about an entry that was written (where it is, that it is
 * complete) is written through its mapping, which no layer sees: until {@link #force} has returned,
 * or {@link #forceRange} of that place, a test must take all of it for lost, torn or there.
 */
public interface FileLayer {
  /** The operating system's. */
  static FileLayer system() {
    return SystemFiles.INSTANCE;
  }

  /**
   * Writes into the allocated part of a file, not yet durably.
   *
   * @param file its name, for whoever watches
   * @param channel open on it
   */
  default void write(Path file, FileChannel channel, ByteBuffer content, long offset)
      throws IOException {
    long at = offset;
    while (content.hasRemaining()) {
      at += channel.write(content, at);
    }
  }

  /**
   * Makes a file's content durable ({@code fdatasync}).
   *
   * @param file its name, for whoever watches
   * @param channel open on it
   */
  void force(Path file, FileChannel channel) throws IOException;

  /**
   * Makes a part of a file's content durable, as {@link #force} does all of it, metadata that are
   * needed to read it included. It says nothing about the rest: what was written there since the
   * file's last force may be lost, torn or there.
   *
   * @param file its name, for whoever watches
   * @param mapping of the file from its beginning, through which the system is told which part it
   *     is: good until this returns, its content not to be touched
   * @param from the first byte
   * @param to behind the last byte
   */
  void forceRange(Path file, MappedByteBuffer mapping, int from, int to) throws IOException;

  /** Makes a folder's entries durable: what was created, renamed or deleted in it. */
  void forceDirectory(Path folder) throws IOException;

  /** Renames a file within its folder, atomically, replacing what is there. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file if it exists. What it took may be given back later. */
  void delete(Path file) throws IOException;

  /** Cuts a file to a size. */
  void truncate(Path file, long bytes) throws IOException;

  /** Writes the first bytes of a file to another one, not yet durably. */
  void copyPrefix(Path from, Path to, long bytes) throws IOException;

  /**
   * Makes a file of real zeros, all blocks allocated and durable, so that a mapping of it can be
   * written without fear of a full disk.
   *
   * @param zeroBytes how much is to be allocated
   * @param fileBytes the file's size, at least {@code zeroBytes}; what is beyond is a hole
   */
  void createZeros(Path file, long zeroBytes, long fileBytes) throws IOException;

  /**
   * Makes the beginning of such a file zeros again, durably, whatever it holds by now: nothing has
   * to be allocated for that. After an error it holds anything.
   *
   * @param zeroBytes how much of it is allocated
   */
  void zeroAgain(Path file, long zeroBytes) throws IOException;

  /** Waits until what was deleted before has given back what it took. */
  default void awaitDeleted() throws IOException {}

  /** Bytes that can be written to new files of a folder, as far as the operating system knows. */
  default long usableBytes(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }
}
