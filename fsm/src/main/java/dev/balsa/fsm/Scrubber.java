package dev.balsa.fsm;

import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.MainFileReader;
import dev.balsa.sqlite.vfs.PublishedPages;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every page of the served databases once in a period, and compares it with the hash that the
 * log's checksum is made of: what a disk has lost or changed is found before a reader needs it.
 *
 * <pre>
 *   scrub thread                                  apply thread
 *   some pages of the main file are read,
 *   without any order with checkpoints
 *   their hashes  ------------------------------> the same as those of what is published: good
 *                                                 else, and for what the WAL has: read again here,
 *                                                 where nothing is published or copied meanwhile
 * </pre>
 *
 * <p>So the apply thread waits for the disk only where the main file has not yet, or not any more,
 * what is published. A page that the WAL has is read there, as readers do; and in the main file too
 * if a complete checkpoint has put it there.
 */
final class Scrubber implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scrubber.class);
  private static final int STEP_BYTES_MAX = 256 << 10;

  /** However short the period and large the databases: the disk has other work. */
  private static final long PAUSE_NANOS_MIN = 2_000_000;

  /** So often somebody looks whether there is a database yet. */
  private static final long LOOK_NANOS = 60_000_000_000L;

  private final DatabaseStateMachine machine;
  private final Path folder;
  private final long periodNanos;
  private final ScheduledThreadPoolExecutor thread;
  private final Deque<Database> left = new ArrayDeque<>();
  private int nextPage = 1;

  /** Used again: such memory comes back only when the garbage collector runs. */
  private ByteBuffer stepBuffer = ByteBuffer.allocateDirect(0);

  private volatile ScrubStatus status = ScrubStatus.NONE;

  /** What the scrub thread found in the main file; null if it could not read it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Read(int firstPage, int pages, long @Nullable [] hashes) {}

  /**
   * Makes it ready; {@link #start} begins.
   *
   * @param period in which every page is read once; zero if none shall be
   */
  Scrubber(DatabaseStateMachine machine, Duration period) {
    this.machine = machine;
    this.folder = machine.config().folder();
    this.periodNanos = period.toNanos();
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "balsa-scrub-" + machine.config().name());
              made.setDaemon(true);
              return made;
            });
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false); // nobody waits for a step
  }

  void start() {
    if (periodNanos > 0) {
      next(0);
    }
  }

  ScrubStatus status() {
    return status;
  }

  /** Does a step after the pause that so many pages are worth. */
  private void next(int pagesRead) {
    long total = status.pagesTotal();
    long pause =
        total == 0
            ? Math.min(periodNanos, LOOK_NANOS)
            : (long) ((double) periodNanos * pagesRead / Math.max(total, pagesRead));
    try {
      var unused =
          thread.schedule(this::run, Math.max(pause, PAUSE_NANOS_MIN), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the scrub ends: {}", e.getMessage());
    }
  }

  private void run() {
    int pages = 0;
    try {
      if (left.isEmpty()) {
        begin();
      }
      Database database = left.peek();
      if (database != null) {
        pages = step(database);
        status = status.read(pages);
        if (left.isEmpty()) {
          completed();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (BalsaException e) {
      log.debug("the scrub ends: {}", e.getMessage()); // with the node
      return;
    } catch (ExecutionException e) {
      machine.failAsync(e.getCause() == null ? e : e.getCause());
      return;
    } catch (RuntimeException | Error e) {
      machine.failAsync(e);
      return;
    }
    next(pages);
  }

  private void begin() {
    long total = 0;
    for (Replica replica : machine.replicas()) {
      if (replica instanceof Database database) {
        left.add(database);
        total += database.status().pages();
      }
    }
    nextPage = 1;
    status = status.begun(total);
  }

  private void completed() {
    status = status.completed(Instant.now());
    log.info("the scrub has read {} pages", status.pages());
  }

  /** Returns how many pages were looked at. */
  private int step(Database database) throws InterruptedException, ExecutionException {
    int pages = Math.max(1, STEP_BYTES_MAX / database.pageSize());
    Read read = new Read(nextPage, pages, read(database, nextPage, pages));
    int compared = onApplyThread(() -> compare(database, read));
    nextPage += compared;
    if (compared < pages) {
      left.remove();
      nextPage = 1;
    }
    return compared;
  }

  private <T> T onApplyThread(Callable<T> task) throws InterruptedException, ExecutionException {
    return machine.submit(task).get();
  }

  private long @Nullable [] read(Database database, int firstPage, int pages)
      throws InterruptedException, ExecutionException {
    int pageSize = database.pageSize();
    if (stepBuffer.capacity() < pages * pageSize) {
      stepBuffer = ByteBuffer.allocateDirect(pages * pageSize);
    }
    ByteBuffer buffer = stepBuffer.clear().limit(pages * pageSize);
    // Opened there, since only there it is known that the database has not been closed.
    MainFileReader reader = onApplyThread(() -> open(database));
    if (reader == null) {
      return null;
    }
    try (reader) {
      reader.read((firstPage - 1L) * pageSize, buffer);
    } catch (SqliteException e) {
      log.debug("{}: {}", database.name(), e.getMessage()); // read again, each page for itself
      return null;
    }
    long[] hashes = new long[pages];
    for (int i = 0; i < pages; i++) {
      buffer.limit((i + 1) * pageSize).position(i * pageSize);
      hashes[i] = DatabaseChecksum.hash(firstPage + i, buffer, pageSize);
    }
    return hashes;
  }

  private @Nullable MainFileReader open(Database database) {
    if (database.isClosed()) {
      return null;
    }
    try {
      return MainFileReader.open(folder.resolve(database.name().value()));
    } catch (SqliteException e) {
      log.debug("{}: {}", database.name(), e.getMessage());
      return null;
    }
  }

  // ---- on the apply thread

  /** Returns how many of the pages the database has. */
  private int compare(Database database, Read read) {
    if (database.isClosed()) {
      return 0;
    }
    PublishedPages published = database.publisher().pages();
    ByteBuffer buffer = ByteBuffer.allocateDirect(database.pageSize());
    int last = Math.min(database.pages(), read.firstPage() + read.pages() - 1);
    for (int page = read.firstPage(); page <= last; page++) {
      long expected = database.hash(page);
      long[] hashes = read.hashes();
      int frame = published.frameOf(page);
      String wrong = null;
      if (frame > 0) {
        int inWal = frame;
        wrong =
            wrong(
                "frame " + frame + " of its WAL",
                page,
                expected,
                buffer,
                () -> published.readFrame(inWal, buffer));
      }
      boolean inMainFile = frame <= database.checkpoints().coveredFrames();
      if (wrong == null
          && inMainFile
          && (hashes == null || hashes[page - read.firstPage()] != expected)) {
        int number = page;
        wrong =
            wrong(
                "its main file",
                page,
                expected,
                buffer,
                () -> published.readMainFile(number, buffer));
      }
      if (wrong != null) {
        machine.damages().found(database, wrong);
        return 0;
      }
    }
    return Math.max(0, last - read.firstPage() + 1);
  }

  /** What is wrong with a page; null if it is what it should be. */
  private static @Nullable String wrong(
      String where, int page, long expected, ByteBuffer buffer, Runnable reading) {
    try {
      buffer.clear();
      reading.run();
    } catch (SqliteException e) {
      return "page " + page + " in " + where + " cannot be read: " + e.getMessage();
    }
    long found = DatabaseChecksum.hash(page, buffer.flip(), buffer.capacity());
    return found == expected
        ? null
        : String.format(
            "page %d in %s has hash %016x instead of %016x, as the scrub found",
            page, where, found, expected);
  }

  /**
   * Waits until the thread has ended. It is not interrupted: what the apply thread opens for it
   * would be lost, and that one is still there.
   */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
          log.warn("still waiting for the scrub to end");
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
