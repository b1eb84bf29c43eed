package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one segment of real zeros ready. A store through a mapping of a sparse file allocates at
 * the time of the store, and where the disk is full that is a SIGBUS and not an error code; in a
 * file of allocated zeros it cannot happen. Besides, {@code fdatasync} of such a file has no
 * metadata to write.
 *
 * <p>The spare is made by a thread of its own, under a temporary name until it is durable, and
 * survives a restart. Used by the appending thread alone.
 */
final class SpareSegment implements AutoCloseable {
  /** Not a name that Chronicle knows: we put the file in place ourselves, and see errors. */
  static final String NAME = "spare.zeros";

  static final String TEMPORARY = "spare.zeros.tmp";

  private final Path folder;
  private final LogStoreConfig config;
  private @Nullable FutureTask<Path> making;
  private @Nullable Thread maker;

  SpareSegment(Path folder, LogStoreConfig config) {
    this.folder = folder;
    this.config = config;
  }

  /** Starts to make the spare, if there is none and none is in the making. */
  void prepare() {
    if (making != null) {
      return;
    }
    FutureTask<Path> task = new FutureTask<>(this::make);
    Thread thread = new Thread(task, "balsa-log-spare");
    thread.setDaemon(true);
    making = task;
    maker = thread;
    thread.start();
  }

  /**
   * Waits for the spare and gives it a segment's name. The folder is to be forced by the caller.
   *
   * @throws LogStoreException if there is no spare and none can be made: the disk is full
   */
  void take(Segment segment) {
    prepare();
    FutureTask<Path> task = making;
    making = null;
    maker = null;
    if (task == null) {
      throw new IllegalStateException("no spare in the making");
    }
    try {
      config.files().rename(task.get(), segment.file());
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new LogStoreException(
          "There is no room for another log segment of "
              + (config.blockBytes() >> 10)
              + " KiB in "
              + folder
              + " ("
              + cause
              + "): free space on that disk and start the node again.",
          cause);
    } catch (IOException e) {
      throw new LogStoreException("The log segment " + segment.file() + " cannot be made: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogStoreException("Interrupted while a log segment was being made", e);
    }
  }

  private Path make() throws IOException {
    Path spare = folder.resolve(NAME);
    if (isGood(spare)) {
      return spare;
    }
    Path temporary = folder.resolve(TEMPORARY);
    FileLayer files = config.files();
    try {
      files.createZeros(temporary, config.blockBytes(), config.fileBytes());
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary); // gives the space back to those who need it more
      } catch (IOException notDeleted) {
        e.addSuppressed(notDeleted);
      }
      throw e;
    }
    files.rename(temporary, spare);
    files.forceDirectory(folder);
    return spare;
  }

  /** Whether a spare of an earlier run is what it should be: Chronicle will trust what is in it. */
  private boolean isGood(Path spare) throws IOException {
    if (!Files.isRegularFile(spare) || Files.size(spare) != config.fileBytes()) {
      return false;
    }
    byte[] zeros = new byte[1 << 18];
    byte[] read = new byte[zeros.length];
    ByteBuffer buffer = ByteBuffer.wrap(read);
    try (FileChannel channel = FileChannel.open(spare, StandardOpenOption.READ)) {
      for (int got = channel.read(buffer); got >= 0; got = channel.read(buffer.clear())) {
        if (!Arrays.equals(read, 0, got, zeros, 0, got)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Ends the thread. A finished spare stays for the next run. */
  @Override
  public void close() {
    Thread thread = maker;
    if (thread == null) {
      return;
    }
    thread.interrupt(); // closes the channel that it writes to
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
