package dev.balsa.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a data folder to one node. The lock is the operating system's, on a file in the folder, so
 * that it ends with the process however that ends; the file also tells which process it is.
 */
final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Makes the folder if it is missing, and locks it.
   *
   * @throws NodeStartException if it cannot be made or written, or is in use
   */
  static FolderLock take(DataFolder folder) {
    FileChannel channel = null;
    try {
      Files.createDirectories(folder.path());
      channel =
          FileChannel.open(
              folder.lock(),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder = holder(channel);
        channel.close();
        throw new NodeStartException(
            StartFailure.FOLDER_IN_USE,
            "the data folder "
                + folder.path()
                + " is in use by another node"
                + holder
                + ": stop that one first, or configure another folder",
            null);
      }
      channel.truncate(0);
      writeAll(channel, Long.toString(ProcessHandle.current().pid()) + "\n");
      return new FolderLock(channel);
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw new NodeStartException(
          StartFailure.FOLDER_NOT_USABLE,
          "the data folder " + folder.path() + " cannot be used: " + reason(e),
          e);
    }
  }

  /**
   * Keeps nodes off a folder that is only looked at, and changes nothing in it.
   *
   * @return null if no node has ever run there: then it is a copy, perhaps
   * @throws NodeStartException if it cannot be read, or is in use
   */
  static @Nullable FolderLock look(DataFolder folder) {
    if (!Files.exists(folder.lock())) {
      return null;
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(folder.lock(), StandardOpenOption.READ);
      if (tryLockShared(channel) != null) {
        return new FolderLock(channel);
      }
      String holder = holder(channel);
      channel.close();
      throw new NodeStartException(
          StartFailure.FOLDER_IN_USE,
          "the data folder "
              + folder.path()
              + " is in use by a node that runs"
              + holder
              + ": stop it first",
          null);
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw new NodeStartException(
          StartFailure.FOLDER_NOT_USABLE,
          "the data folder " + folder.path() + " cannot be read: " + reason(e),
          e);
    }
  }

  private static @Nullable FileLock tryLockShared(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(0, Long.MAX_VALUE, true);
    } catch (OverlappingFileLockException e) {
      return null; // a node in this very process
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another node in this very process
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    int read = channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, Math.max(0, read), StandardCharsets.US_ASCII).trim();
    return pid.matches("[0-9]+") ? " (process " + pid + ")" : "";
  }

  private static void writeAll(FileChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel, IOException because) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        because.addSuppressed(e);
      }
    }
  }

  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return e.getMessage() + " is a file, not a folder";
    }
    if (e instanceof AccessDeniedException) {
      return "this user may not write " + e.getMessage();
    }
    if (e instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("the data folder's lock cannot be released", e);
    }
  }
}
