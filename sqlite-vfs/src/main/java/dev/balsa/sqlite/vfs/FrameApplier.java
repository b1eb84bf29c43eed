package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;

import dev.balsa.sqlite.wal.FrameHeader;
import dev.balsa.sqlite.wal.FrameWriter;
import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.WalFile;
import dev.balsa.sqlite.wal.WalHeader;
import dev.balsa.sqlite.wal.WalIndexHeader;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Applies transactions of another node: writes their pages to the WAL as frames, then publishes
 * them. No writer may be open. Used by the publisher's thread.
 *
 * <p>A transaction that comes in parts is staged: each part's frames are written behind what is
 * published, where no reader looks, none with a commit. The last part completes it: its last frame
 * carries the commit, and all are published at once. Until then nothing else is applied, and no
 * writer can be opened; {@link #abandon} cuts the frames off.
 */
public final class FrameApplier {
  private final Publisher publisher;
  private final WalFile wal;
  private final FrameWriter writer;
  private final RandomGenerator salts;
  private @Nullable Tail tail;

  /** Applies to the database of {@code publisher}. */
  public FrameApplier(Publisher publisher) {
    this(publisher, new SplittableRandom());
  }

  /** As {@link #FrameApplier(Publisher)}, with the randomness that a new WAL's salt is drawn of. */
  public FrameApplier(Publisher publisher, RandomGenerator salts) {
    this.publisher = publisher;
    this.wal = publisher.wal();
    this.writer = new FrameWriter(wal);
    this.salts = salts;
  }

  /** What is written behind the published frames, and not published. */
  private static final class Tail {
    final WalHeader header;
    final int firstFrame;
    long checksum;
    int[] pageNumbers = new int[16];
    int frames;

    Tail(WalHeader header, WalIndexHeader before) {
      this.header = header;
      this.firstFrame = before.lastFrame() + 1;
      this.checksum = Publisher.chainAfter(before, header);
    }

    int lastFrame() {
      return Math.addExact(firstFrame - 1, frames);
    }

    /** As if no more had been added. */
    void cut(int framesKept, long checksumThen) {
      frames = framesKept;
      checksum = checksumThen;
    }

    void add(List<PageImage> pages, long checksumAfter) {
      if (frames + pages.size() > pageNumbers.length) {
        pageNumbers = Arrays.copyOf(pageNumbers, Math.max(2 * frames, frames + pages.size()));
      }
      for (PageImage page : pages) {
        pageNumbers[frames++] = page.pageNumber();
      }
      checksum = checksumAfter;
    }
  }

  /**
   * Applies one transaction; when this returns, readers that begin see it.
   *
   * @param pages not empty, ascending, none above {@code databasePages}; each as long as a page
   * @param databasePages size of the database after it
   * @throws dev.balsa.sqlite.SqliteException if the file system refuses; nothing is published then,
   *     and what was written is cut off
   */
  public void apply(List<PageImage> pages, int databasePages) {
    Invariant.check(stagedFrames() == 0, "a transaction comes between another one's parts");
    complete(pages, databasePages);
  }

  /**
   * Writes a part of a transaction that goes on; readers see nothing of it.
   *
   * @param pages not empty, ascending; none of them came in an earlier part
   * @throws dev.balsa.sqlite.SqliteException if the file system refuses; this part is cut off then,
   *     and may be staged again
   */
  public void stage(List<PageImage> pages) {
    WalIndexHeader before = requireTail();
    checkPages(pages, Integer.MAX_VALUE);
    Tail extended = write(before, pages, 0);
    tail = extended;
    publisher.keep(extended.lastFrame());
  }

  /**
   * Writes a transaction's last part, and publishes it with all that is staged; when this returns,
   * readers that begin see it.
   *
   * @param pages as those of the parts before, and like them none above {@code databasePages}
   * @param databasePages size of the database after the transaction
   * @throws dev.balsa.sqlite.SqliteException if the file system refuses; nothing is published then,
   *     this part is cut off, and may be completed again
   */
  public void complete(List<PageImage> pages, int databasePages) {
    WalIndexHeader before = requireTail();
    checkPages(pages, databasePages);
    checkStaged(pages, databasePages);
    int staged = stagedFrames();
    long stagedChecksum = staged == 0 ? 0 : requireNonNull(tail).checksum;
    Tail whole = write(before, pages, databasePages);
    int[] pageNumbers = Arrays.copyOf(whole.pageNumbers, whole.frames);
    try {
      publisher.advance(
          whole.header, whole.lastFrame(), databasePages, whole.checksum, pageNumbers);
    } catch (Throwable e) { // there was no room for the wal-index, say
      whole.cut(staged, stagedChecksum);
      cutBack(before.lastFrame() + staged, e);
      throw e;
    }
    tail = null;
  }

  /** How many frames are staged. */
  public int stagedFrames() {
    Tail staged = tail;
    return staged != null && publisher.keptFrame() == staged.lastFrame() ? staged.frames : 0;
  }

  /**
   * Cuts off what is staged, if anything is.
   *
   * @throws dev.balsa.sqlite.SqliteException if the file system refuses
   */
  public void abandon() {
    if (stagedFrames() > 0) {
      publisher.truncateToPublished();
    }
    tail = null;
  }

  /** The WAL ends with what is published, and what is staged behind it. */
  private WalIndexHeader requireTail() {
    publisher.requireNoWriter();
    WalIndexHeader before = publisher.requireUnchanged();
    int staged = stagedFrames();
    if (staged == 0) {
      tail = null;
    }
    int last = before.lastFrame() + staged;
    Tail known = tail;
    long salts = known == null ? before.salts() : known.header.salts();
    Invariant.check(
        wal.endsAfter(last, salts),
        "the WAL does not end with frame %d, the last of %d staged ones",
        last,
        staged);
    publisher.requireLastFrame(before);
    if (known != null) {
      FrameHeader end = wal.frameHeader(last);
      Invariant.check(
          known.firstFrame == before.lastFrame() + 1
              && end.salts() == known.header.salts()
              && end.checksum() == known.checksum,
          "frame %d is not the one that was staged",
          last);
    }
    return before;
  }

  /** Changes nothing if it fails. */
  private Tail write(WalIndexHeader before, List<PageImage> pages, int databasePages) {
    Tail known = tail;
    try {
      if (known == null) {
        known =
            new Tail(
                before.lastFrame() == 0 ? newWal(before) : publisher.currentWalHeader(before),
                before);
      }
      long checksum =
          writer.append(known.header, known.lastFrame(), known.checksum, pages, databasePages);
      known.add(pages, checksum);
      return known;
    } catch (Throwable e) {
      cutBack(before.lastFrame() + stagedFrames(), e);
      throw e;
    }
  }

  /** A WAL's first salt counts its lives, its second one is drawn. */
  private WalHeader newWal(WalIndexHeader before) {
    int first = (int) (before.salts() >>> 32) + 1;
    long fresh = ((long) first << 32) | (salts.nextInt() & 0xffffffffL);
    WalHeader header = WalHeader.create(ByteOrder.nativeOrder(), wal.pageSize(), 0, fresh);
    wal.writeHeader(header);
    return header;
  }

  private void cutBack(int lastFrame, Throwable failure) {
    try {
      wal.truncateAfter(lastFrame);
    } catch (Throwable e) {
      failure.addSuppressed(e);
    }
  }

  private static void checkPages(List<PageImage> pages, int databasePages) {
    Invariant.check(!pages.isEmpty(), "a transaction without pages");
    int previous = 0;
    for (PageImage page : pages) {
      Invariant.check(
          previous < page.pageNumber() && page.pageNumber() <= databasePages,
          "page %d after page %d in a database of %d pages",
          page.pageNumber(),
          previous,
          databasePages);
      previous = page.pageNumber();
    }
  }

  /** Of all parts together: each page once, and none above the size. */
  private void checkStaged(List<PageImage> pages, int databasePages) {
    Tail staged = tail;
    if (staged == null) {
      return;
    }
    int[] all = Arrays.copyOf(staged.pageNumbers, staged.frames + pages.size());
    int at = staged.frames;
    for (PageImage page : pages) {
      all[at++] = page.pageNumber();
    }
    Arrays.sort(all);
    for (int i = 1; i < all.length; i++) {
      Invariant.check(all[i - 1] < all[i], "page %d comes in two parts", all[i]);
    }
    int highest = all[all.length - 1];
    Invariant.check(
        highest <= databasePages, "page %d in a database of %d pages", highest, databasePages);
  }
}
