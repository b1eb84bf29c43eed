package dev.balsa.raft;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes files without waiting until the system has given back what they took: for a file of 64
 * MiB that is in the page cache, Linux does so for 25 to 40 ms (seen on ext4, Linux 6.18), during
 * which whoever deletes it does nothing else, and a log that is compacted takes no writes.
 *
 * <p>The name goes at once. The file itself goes when the last one closes it, and that is a thread
 * of its own here, which ends when it has nothing to do. For any thread.
 */
public final class FileDeletion {
  private static final Logger LOG = LoggerFactory.getLogger(FileDeletion.class);

  /** Smaller files are gone sooner than another thread is woken. */
  static final long LARGE_BYTES = 1L << 20;

  /** Files that are kept open until their turn comes, at most. */
  static final int WAITING_MAX = 64;

  /** Where a file that is open keeps its name until it is closed. */
  private static final boolean WINDOWS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  private static final FileDeletion SYSTEM = new FileDeletion(newThreadPool());

  private final Executor later;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * Files are closed by that executor.
   *
   * @param later does one thing after the other, in order
   */
  public FileDeletion(Executor later) {
    this.later = later;
  }

  /** The one of this process. */
  public static FileDeletion system() {
    return SYSTEM;
  }

  private static Executor newThreadPool() {
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(
            1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), FileDeletion::newThread);
    one.allowCoreThreadTimeOut(true);
    return one;
  }

  private static Thread newThread(Runnable work) {
    Thread thread = new Thread(work, "balsa-file-deletion");
    thread.setDaemon(true); // whatever is open when the process ends is closed then
    return thread;
  }

  /**
   * Deletes a file if it exists: nobody finds it any more when this returns. What it took is given
   * back later, if that is much.
   *
   * @throws IOException if it cannot be deleted; it is still there then
   */
  public void delete(Path file) throws IOException {
    if (WINDOWS) {
      Files.deleteIfExists(file);
      return;
    }
    FileChannel held = null;
    try {
      held = holdIfLarge(file);
      Files.deleteIfExists(file);
    } finally {
      if (held != null) {
        closeLater(held);
      }
    }
  }

  /** Keeps a file from going with its name. Null if that is not worth it, or not possible. */
  private static @Nullable FileChannel holdIfLarge(Path file) {
    try {
      if (Files.size(file) < LARGE_BYTES) {
        return null;
      }
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      LOG.debug("{} cannot be opened, and is deleted at once", file, e);
      return null;
    }
  }

  private void closeLater(FileChannel held) {
    if (waiting.incrementAndGet() > WAITING_MAX) {
      closeNow(held);
      return;
    }
    try {
      later.execute(() -> closeNow(held));
    } catch (OutOfMemoryError e) { // no thread could be made
      LOG.debug("a deleted file is closed at once", e);
      closeNow(held);
    }
  }

  private void closeNow(FileChannel held) {
    waiting.decrementAndGet();
    close(held);
  }

  private static void close(FileChannel held) {
    try {
      held.close();
    } catch (IOException e) {
      LOG.warn("a deleted file could not be closed, and may take its space until the end", e);
    }
  }

  /**
   * Waits until all that was deleted before has given back what it took.
   *
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public void awaitSpace() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    try {
      later.execute(done::countDown);
    } catch (OutOfMemoryError e) { // no thread could be made: so none has anything to do
      LOG.debug("nothing to wait for", e);
      return;
    }
    done.await();
  }
}
