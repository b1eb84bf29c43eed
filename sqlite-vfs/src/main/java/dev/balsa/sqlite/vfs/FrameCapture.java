package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.wal.FrameReader;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.PageSet;
import dev.balsa.sqlite.wal.WalBytes;
import dev.balsa.sqlite.wal.WalFile;
import dev.balsa.sqlite.wal.WalHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Records what a writer commits. SQLite has written a transaction's frames to the WAL and asks to
 * make them durable: this is the moment. Frames are read back through the writer's own WAL handle,
 * from the last captured one on, up to the first commit, their salts and chain of checksums
 * verified. Up to a bound their pages are kept in memory; of a larger transaction only where in the
 * WAL they are.
 *
 * <p>It fails closed. Whatever goes wrong leaves a doubt that never goes away: this and every later
 * commit is refused, and {@link #take} throws. An upcall itself may get lost: JNA answers SQLite
 * with success if it cannot run it. So {@link #take} also holds what was captured against the
 * pager's own count of commits, and where that moved without a capture, against the WAL.
 *
 * <p>Used by the thread that uses the writer's connection.
 */
final class FrameCapture implements WriterHooks {
  private static final int IOERR_FSYNC = ResultCode.IOERR | 4 << 8;

  private final int pageSize;
  private final LongFunction<WalBytes> walHandle;
  private final Spill spill;
  private @Nullable WalFile wal;
  private @Nullable FrameReader reader;

  /** The WAL's, once it was read with the frames that follow {@link #lastFrame} to come. */
  private @Nullable WalHeader header;

  /** Last captured frame; before the first one, the last that is published. */
  private int lastFrame;

  private long checksum;

  private long salts;

  /** How many frames the latest commit had. */
  private int framesExpected = 1;

  private @Nullable CapturedTransaction captured;
  private @Nullable Throwable doubt;
  private int dataVersion;

  /**
   * What becomes of a large transaction's pages.
   *
   * @param bytesMax bytes of pages up to which they are kept in memory
   * @param images reads those of larger ones from the WAL
   */
  record Spill(long bytesMax, FrameImages images) {}

  /**
   * Captures what comes after {@code lastFrame}.
   *
   * @param checksum that of {@code lastFrame}
   * @param salts the WAL's; for frame 0 neither is used: the next header has them
   * @param walHandle makes the WAL's bytes of a {@code sqlite3_file*}
   */
  FrameCapture(
      int pageSize,
      int lastFrame,
      long checksum,
      long salts,
      LongFunction<WalBytes> walHandle,
      Spill spill) {
    this.pageSize = pageSize;
    this.lastFrame = lastFrame;
    this.checksum = checksum;
    this.salts = salts;
    this.walHandle = walHandle;
    this.spill = spill;
  }

  @Override
  public void walOpened(long file) {
    WalFile opened = new WalFile(walHandle.apply(file), pageSize);
    reader = new FrameReader(opened);
    wal = opened;
  }

  @Override
  public void forbidden(String what) {
    if (doubt == null) {
      doubt = new CaptureException("the writer tried to " + what, null);
    }
  }

  @Override
  public int walSync() {
    try {
      if (doubt == null) {
        capture();
        return ResultCode.OK;
      }
    } catch (Throwable e) {
      doubt = e;
    }
    cutBack();
    return IOERR_FSYNC;
  }

  private void capture() {
    if (captured != null) {
      throw new CaptureException("a second commit came before the first was taken", null);
    }
    FrameReader frames = start();
    Map<Integer, byte[]> images = new HashMap<>();
    long imagesMax = spill.bytesMax() / pageSize;
    while (frames.next()) {
      frames.copyPage(images.computeIfAbsent(frames.pageNumber(), page -> new byte[pageSize]), 0);
      if (frames.databasePages() != 0) {
        commit(frames, inMemory(images, frames.databasePages()));
        return;
      }
      if (images.size() >= imagesMax) {
        images.clear();
        captureLarge();
        return;
      }
    }
    requireFreshHeader(frames);
  }

  /** Reads all frames once more, and takes down where the pages are. */
  private void captureLarge() {
    FrameReader frames = start();
    SpilledPages.Builder pages = new SpilledPages.Builder(lastFrame + 1);
    byte[] content = new byte[pageSize];
    while (frames.next()) {
      frames.copyPage(content, 0);
      pages.add(frames.pageNumber(), content);
      if (frames.databasePages() != 0) {
        commit(frames, pages.build(spill.images(), frames.databasePages()));
        return;
      }
    }
    requireFreshHeader(frames);
  }

  private void requireFreshHeader(FrameReader frames) {
    // Without a commit, SQLite syncs only a WAL's new header. Frames behind that, if any, are
    // leftovers of what was rolled back before the WAL had its first commit; the salts are new.
    boolean freshHeader =
        lastFrame == 0
            && frames.frame() == 0
            && (frames.stopped() == FrameReader.Stop.END_OF_FILE
                || frames.stopped() == FrameReader.Stop.OTHER_SALTS);
    if (!freshHeader) {
      throw new CaptureException(
          "no commit in the WAL after frame " + frames.frame() + ": " + frames.stopped(), null);
    }
  }

  private FrameReader start() {
    FrameReader frames = reader;
    WalFile file = wal;
    if (frames == null || file == null) {
      throw new CaptureException("the writer's WAL was not opened", null);
    }
    frames.start(header(file), lastFrame, checksum, framesExpected);
    return frames;
  }

  /**
   * The header that the writer's frames belong to. It is read for the first of them: SQLite does
   * not read it again either, and frames of another one have other salts. That it is still there
   * counts when they are to be shown, and there it is read, once for many commits ({@link
   * Publisher#publish}).
   */
  private WalHeader header(WalFile file) {
    WalHeader known = header;
    if (known != null && lastFrame > 0) {
      return known;
    }
    WalHeader read = file.requireHeader();
    if (lastFrame == 0) {
      salts = read.salts();
      checksum = read.checksum();
    } else if (read.salts() != salts) {
      throw new CaptureException("the WAL began anew under the writer", null);
    }
    header = read;
    return read;
  }

  private static PageSet inMemory(Map<Integer, byte[]> images, int databasePages) {
    List<PageImage> pages = new ArrayList<>(images.size());
    images.forEach(
        (page, bytes) -> {
          if (page <= databasePages) {
            pages.add(new PageImage(page, ByteBuffer.wrap(bytes)));
          }
        });
    pages.sort(Comparator.comparingInt(PageImage::pageNumber));
    return PageSet.of(pages);
  }

  private void commit(FrameReader frames, PageSet pages) {
    int last = frames.frame();
    int databasePages = frames.databasePages();
    long end = frames.checksum();
    if (!frames.endsHere()) {
      // So the commit just found is an old one: the WAL was not cut back before this writer began.
      throw new CaptureException(
          "the WAL goes on after frame " + last + ": it holds commits of another writer", null);
    }
    captured = new CapturedTransaction(lastFrame + 1, last, pageSize, databasePages, pages, end);
    framesExpected = last - lastFrame;
    lastFrame = last;
    checksum = end;
  }

  /** What is refused must not be found by the next reader of the file. */
  private void cutBack() {
    try {
      WalFile file = wal;
      if (file != null && file.size() > file.sizeUpTo(lastFrame)) {
        file.truncateAfter(lastFrame);
      }
    } catch (Throwable e) {
      if (doubt != null && doubt != e) {
        doubt.addSuppressed(e);
      }
    }
  }

  /** Takes down the pager's count of commits as it is before the first one. */
  void begin(int dataVersion) {
    this.dataVersion = dataVersion;
  }

  /**
   * Hands over what was captured since the last call.
   *
   * @param newDataVersion the pager's count of commits, see SQLITE_FCNTL_DATA_VERSION
   * @throws CaptureException if that is not exactly what was committed
   */
  @Nullable CapturedTransaction take(int newDataVersion) {
    CapturedTransaction taken = captured;
    boolean committed = newDataVersion != dataVersion;
    if (doubt == null && taken != null && !committed) {
      doubt = new CaptureException("captured, but not committed: the commit failed later", null);
    }
    if (doubt == null && taken == null && committed && committedUnseen()) {
      doubt = new CaptureException("committed, but not captured: the upcall was lost", null);
    }
    if (doubt != null) {
      throw new CaptureException("the writer view is in doubt: " + doubt.getMessage(), doubt);
    }
    captured = null;
    dataVersion = newDataVersion;
    return taken;
  }

  /** Whether the WAL has a commit beyond what was captured. */
  private boolean committedUnseen() {
    try {
      WalFile file = wal;
      if (file == null || (lastFrame == 0 && file.header() == null)) {
        return false;
      }
      FrameReader frames = start();
      while (frames.next()) {
        if (frames.databasePages() != 0) {
          return true;
        }
      }
      return false;
    } catch (RuntimeException e) {
      doubt = e;
      return true;
    }
  }
}
