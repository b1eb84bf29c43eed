package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One store per folder. The operating system drops the lock with the process, so nothing is stale
 * after a kill.
 */
final class FolderLock implements AutoCloseable {
  private static final String NAME = "balsa.lock";

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Creates the folder if need be, and locks it.
   *
   * @throws LogStoreException if it is in use or not writable
   */
  static FolderLock take(Path folder, FileLayer files) {
    FileChannel channel;
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
          files.forceDirectory(parent);
        }
      }
      channel =
          FileChannel.open(
              folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new LogStoreException(
          "The log folder "
              + folder
              + " cannot be written ("
              + e
              + "): make it a folder that this user can write, or configure another one.",
          e);
    }
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new LogInUseException(
            "The log folder "
                + folder
                + " is in use by another node: stop that one first, or configure another folder.");
      }
      return new FolderLock(channel);
    } catch (IOException | RuntimeException e) {
      close(channel, e);
      if (e instanceof LogStoreException refused) {
        throw refused;
      }
      throw new LogStoreException("The log folder " + folder + " cannot be locked: " + e, e);
    }
  }

  /**
   * Keeps nodes off a folder that is only looked at, and changes nothing in it.
   *
   * @throws LogInUseException if a node uses it
   */
  static Optional<FolderLock> takeShared(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty(); // a copy, perhaps: no node has opened it here
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      if (channel.tryLock(0, Long.MAX_VALUE, true) != null) {
        return Optional.of(new FolderLock(channel));
      }
    } catch (OverlappingFileLockException e) {
      // in use within this very process
    } catch (IOException e) {
      close(channel, e);
      throw e;
    }
    channel.close();
    throw new LogInUseException(
        "The log in "
            + folder
            + " is in use by a node that runs: stop it first, or copy the folder.");
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // in use within this very process
    }
  }

  private static void close(FileChannel channel, Exception because) {
    try {
      channel.close();
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new LogStoreException("The log folder's lock cannot be released: " + e, e);
    }
  }
}
