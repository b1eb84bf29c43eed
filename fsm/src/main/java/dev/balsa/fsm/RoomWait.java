package dev.balsa.fsm;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what must be done in the log's order, and waits while the disk is full: what is committed
 * can neither be skipped nor refused. The node goes on by itself once there is room.
 *
 * <p>Used by the apply thread; {@link #end} by any.
 */
final class RoomWait {
  private static final Logger log = LoggerFactory.getLogger(RoomWait.class);
  private static final long RETRY_MILLIS = 250;

  /** SQLITE_IOERR_SHMSIZE: no room for the wal-index. */
  private static final int IOERR_SHMSIZE = ResultCode.IOERR | 19 << 8;

  private final EngineThreads threads;
  private boolean ended;
  private volatile boolean waiting;

  RoomWait(EngineThreads threads) {
    this.threads = threads;
  }

  /** Work that changes nothing if it fails for want of room. */
  interface Work {
    void run() throws IOException;
  }

  /** The node ends: nobody waits any more. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Whether the disk is full, and the log is not being applied for that. */
  boolean isWaiting() {
    return waiting;
  }

  /**
   * Does it, as soon as there is room.
   *
   * @param database for the log
   * @throws BalsaException if the node ends before, or the file system refuses for another reason
   */
  void await(String database, Work work) {
    while (true) {
      try {
        work.run();
        if (waiting) {
          waiting = false;
          log.info("{}: there is room again, and the log is applied further", database);
        }
        return;
      } catch (SqliteException | IOException | Catalogue.NoRoomException e) {
        if (!isForWantOfRoom(e)) {
          throw e instanceof SqliteException sqlite
              ? sqlite
              : new BalsaException(database + ": " + e.getMessage(), e);
        }
        waitFor(database, e);
      }
    }
  }

  private static boolean isForWantOfRoom(Exception e) {
    if (e instanceof FileLayer.ForceFailedException) {
      return false; // a later force that succeeds would not make it good
    }
    if (e instanceof SqliteException sqlite) {
      return sqlite.resultCode() == ResultCode.FULL || sqlite.extendedCode() == IOERR_SHMSIZE;
    }
    Throwable cause = e instanceof Catalogue.NoRoomException ? e.getCause() : e;
    String message = cause == null ? null : cause.getMessage();
    // The JDK has no type for it.
    return message != null
        && (message.contains("No space left") || message.contains("quota exceeded"));
  }

  private void waitFor(String database, Exception e) {
    if (!waiting) {
      waiting = true;
      log.warn("{}: the log is not applied further for now: {}", database, e.getMessage());
    }
    boolean over = false;
    try {
      long again = threads.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS);
      over = threads.await(this, () -> ended, again);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    if (over) {
      throw new BalsaException("the node ends while the disk is full: " + e.getMessage(), e);
    }
  }
}
