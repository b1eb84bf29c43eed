package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.CheckpointMode;
import dev.balsa.sqlite.CheckpointResult;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.wal.FrameHeader;
import dev.balsa.sqlite.wal.FrameReader;
import dev.balsa.sqlite.wal.Invariant;
import dev.balsa.sqlite.wal.ReadMarks;
import dev.balsa.sqlite.wal.SharedMemory;
import dev.balsa.sqlite.wal.WalBytes;
import dev.balsa.sqlite.wal.WalFile;
import dev.balsa.sqlite.wal.WalHeader;
import dev.balsa.sqlite.wal.WalIndex;
import dev.balsa.sqlite.wal.WalIndexHeader;
import dev.balsa.sqlite.wal.WalLock;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The committed view of one database. It alone advances the wal-index that readers go by, up to
 * what was committed elsewhere.
 *
 * <p>It holds a connection for as long as it is open, so that nobody has to rebuild the wal-index,
 * and the WAL's write lock, through that connection's native handle: a foreign process that tries
 * to write gets SQLITE_BUSY, and no reader can come to rebuild the wal-index from the WAL, which
 * holds more than is published. The connection never runs SQL after its first read.
 *
 * <p>Used by one thread; {@link #publishedFrames} and {@link #databasePages} may be read by all.
 */
public final class Publisher implements AutoCloseable {
  private static final int LAST_READER = WalLock.reader(ReadMarks.COUNT - 1);

  private final Path database;
  private final SqliteConnection connection;
  private final NativeFile main;
  private final WalFile wal;
  private final WalIndex index;
  private final FrameReader reader;
  private final Faults faults;
  private final Halt halt;
  private final SplittableRandom salts = new SplittableRandom();
  private final AtomicBoolean writerOpen = new AtomicBoolean();

  /** The writer that is open writes nothing any more. */
  private volatile boolean writerRetired;

  /** What is published; equal to the wal-index's header at all times. */
  private volatile WalIndexHeader published;

  private final AtomicLong changes = new AtomicLong();

  private volatile int databasePages;

  /** The latest writer's. */
  private @Nullable FrameImages images;

  /** The last frame that is to stay in the WAL though it is not published, see {@link #keep}. */
  private int keptFrame;

  /** Opened with the first checkpoint. */
  private @Nullable SqliteConnection checkpointer;

  private boolean locked;
  private boolean closed;

  private Publisher(
      Path database,
      SqliteConnection connection,
      int pageSize,
      NativeFile main,
      Faults faults,
      Halt halt) {
    this.database = database;
    this.connection = connection;
    this.main = main;
    this.faults = faults;
    this.halt = halt;
    this.wal =
        new WalFile(faults.wal().apply(NativeFile.walOf(connection, database + "-wal")), pageSize);
    this.index = new WalIndex(faults.memory().apply(main));
    this.reader = new FrameReader(wal);
    this.published = index.header();
    this.databasePages =
        published.lastFrame() > 0
            ? published.databasePages()
            : Math.toIntExact(main.size() / pageSize);
  }

  /**
   * Opens the committed view of a database that exists and is in WAL mode. If no process has it
   * open, SQLite first rebuilds the wal-index, and all complete transactions in the WAL count as
   * published: whoever does not want that deletes the WAL before.
   *
   * @throws SqliteException if it cannot be opened, is not in WAL mode, or another process writes
   *     to it (SQLITE_BUSY)
   */
  public static Publisher open(Path database) {
    return open(database, Halt.PROCESS);
  }

  /** As {@link #open(Path)}, with another way to end the process than ending it: for tests. */
  public static Publisher open(Path database, Halt halt) {
    return open(database, halt, Faults.NONE);
  }

  /** What tests put around the files, to see what happens when they fail. */
  record Faults(UnaryOperator<WalBytes> wal, UnaryOperator<SharedMemory> memory) {
    static final Faults NONE = new Faults(UnaryOperator.identity(), UnaryOperator.identity());
  }

  static Publisher open(Path database, Halt halt, Faults faults) {
    SqliteConnection connection = Connections.lasting(database);
    boolean opened = false;
    try {
      int pageSize = (int) connection.queryLong("PRAGMA page_size");
      Publisher publisher = lockAndAdopt(database, connection, pageSize, faults, halt);
      opened = true;
      return publisher;
    } finally {
      if (!opened) {
        connection.close();
      }
    }
  }

  private static Publisher lockAndAdopt(
      Path database, SqliteConnection connection, int pageSize, Faults faults, Halt halt) {
    NativeFile main = NativeFile.main(connection.fileHandle(), database.toString());
    if (!main.tryLock(WalLock.WRITE)) {
      throw new SqliteException(ResultCode.BUSY, "another process writes to " + database);
    }
    boolean adopted = false;
    try {
      Publisher publisher = new Publisher(database, connection, pageSize, main, faults, halt);
      publisher.adoptWal();
      publisher.locked = true;
      adopted = true;
      return publisher;
    } finally {
      if (!adopted) {
        // A close would not do it, as long as the process has other connections to the database.
        main.unlock(WalLock.WRITE);
      }
    }
  }

  /** Checks that WAL and wal-index belong together, and cuts off what is not published. */
  private void adoptWal() {
    if (published.lastFrame() > 0) {
      WalHeader header = wal.requireHeader();
      Invariant.check(
          header.salts() == published.salts() && published.pageSize() == wal.pageSize(),
          "the wal-index of %s belongs to another WAL",
          database);
    }
    wal.truncateAfter(published.lastFrame());
  }

  /** In bytes. */
  public int pageSize() {
    return wal.pageSize();
  }

  /** The database's size, as published. */
  public int databasePages() {
    return databasePages;
  }

  /** The last published frame; 0 if the WAL is empty. */
  public int publishedFrames() {
    return published.lastFrame();
  }

  /**
   * How often what readers see has changed; never less than that, and changed before the call
   * returns that has changed what they see. May be asked by any thread.
   */
  public long changes() {
    return changes.get();
  }

  /**
   * Publishes a transaction whose frames a writer has put into the WAL, right after the published
   * ones. The frames' salts, checksums and end are verified first.
   *
   * @throws PublishException if the WAL holds something else; nothing is published then
   */
  public void publish(CapturedTransaction transaction) {
    publish(List.of(transaction));
  }

  /**
   * Publishes several transactions at once: no reader sees one without the others.
   *
   * @param transactions at least one, the first right after the published frames, and each right
   *     after the one before
   * @throws PublishException if the WAL holds something else; nothing is published then
   */
  public void publish(List<CapturedTransaction> transactions) {
    WalIndexHeader before = requireUnchanged();
    int lastFrame = before.lastFrame();
    for (CapturedTransaction transaction : transactions) {
      Invariant.check(
          transaction.pageSize() == pageSize() && transaction.firstFrame() == lastFrame + 1,
          "frames [%d, %d] of %d bytes come after frame %d of %d bytes",
          transaction.firstFrame(),
          transaction.lastFrame(),
          transaction.pageSize(),
          lastFrame,
          pageSize());
      lastFrame = transaction.lastFrame();
    }
    Invariant.check(lastFrame > before.lastFrame(), "nothing to publish");
    WalHeader header = currentWalHeader(before);
    int[] pageNumbers = new int[lastFrame - before.lastFrame()];
    reader.start(header, before.lastFrame(), chainAfter(before, header), pageNumbers.length);
    for (CapturedTransaction transaction : transactions) {
      verify(transaction, pageNumbers, before.lastFrame() + 1);
    }
    CapturedTransaction last = transactions.get(transactions.size() - 1);
    advance(header, lastFrame, last.databasePages(), last.endChecksum(), pageNumbers);
  }

  /** Reads on to a transaction's end, and takes down its pages' numbers. */
  private void verify(CapturedTransaction transaction, int[] pageNumbers, int firstFrame) {
    for (int frame = transaction.firstFrame(); frame <= transaction.lastFrame(); frame++) {
      if (!reader.next()) {
        throw new PublishException("frame " + frame + " cannot be published: " + reader.stopped());
      }
      pageNumbers[frame - firstFrame] = reader.pageNumber();
    }
    if (reader.checksum() != transaction.endChecksum()
        || reader.databasePages() != transaction.databasePages()) {
      throw new PublishException("frame " + reader.frame() + " is not the one that was captured");
    }
  }

  /**
   * Advances the wal-index to frames that are in the WAL, written and verified. All that can fail
   * comes first; once shared memory is being changed, there is no way back.
   */
  void advance(WalHeader header, int lastFrame, int pages, long checksum, int[] pageNumbers) {
    WalIndexHeader before = published;
    WalIndexHeader after = before.advanced(header, lastFrame, pages, checksum);
    index.prepare(before.lastFrame(), lastFrame);
    try {
      index.publish(after, pageNumbers);
      changes.incrementAndGet();
      published = after;
      databasePages = pages;
      keptFrame = 0;
    } catch (Throwable e) {
      halt.halt("the wal-index of " + database + " is half changed", e);
      throw e;
    }
  }

  /** What is published, after a check that nobody else has changed it. */
  WalIndexHeader requireUnchanged() {
    checkOpen();
    Invariant.check(locked, "the WAL of %s is not locked", database);
    WalIndexHeader expected = published;
    WalIndexHeader found = index.header();
    Invariant.check(
        found.equals(expected),
        "somebody else changed the wal-index of %s: %s instead of %s",
        database,
        found,
        expected);
    return expected;
  }

  /** The header of the WAL that frames after {@code before} are in. */
  WalHeader currentWalHeader(WalIndexHeader before) {
    WalHeader header = wal.header();
    if (header == null) {
      throw new PublishException("the WAL of " + database + " has no header");
    }
    if (before.lastFrame() > 0 && header.salts() != before.salts()) {
      throw new PublishException("the WAL of " + database + " began anew");
    }
    return header;
  }

  /** The checksum that the frame after {@code before} continues. */
  static long chainAfter(WalIndexHeader before, WalHeader header) {
    return before.lastFrame() == 0 ? header.checksum() : before.frameChecksum();
  }

  /** Checks that the last published frame in the WAL is the one that the wal-index means. */
  void requireLastFrame(WalIndexHeader before) {
    if (before.lastFrame() > 0) {
      FrameHeader last = wal.frameHeader(before.lastFrame());
      Invariant.check(
          last.salts() == before.salts() && last.checksum() == before.frameChecksum(),
          "frame %d of %s is not the published one",
          before.lastFrame(),
          database);
    }
  }

  /**
   * Cuts the WAL back to what is published. No writer may be open. Pages of what was not published
   * can no longer be read, and what a {@link FrameApplier} has staged is gone.
   *
   * @throws SqliteException if the file system refuses
   */
  public void truncateToPublished() {
    requireUnchanged();
    requireNoWriter();
    endImages();
    keptFrame = 0;
    cutBack();
  }

  /** What a former life of the WAL left behind its end does no harm, and keeps its place. */
  private void cutBack() {
    if (!wal.endsAfter(publishedFrames(), published.salts())) {
      wal.truncateAfter(publishedFrames());
    }
  }

  /**
   * Cuts the WAL back to the end of transactions that may still be published, right after what is:
   * their frames stay, those of later ones go, and no writer can be opened before they are
   * published or {@linkplain #truncateToPublished cut off} too. No writer may be open.
   *
   * @param kept at least one, in their order
   * @throws SqliteException if the file system refuses
   */
  public void truncateAfter(List<CapturedTransaction> kept) {
    WalIndexHeader before = requireUnchanged();
    requireNoWriter();
    Invariant.check(
        kept.get(0).firstFrame() == before.lastFrame() + 1,
        "frame %d is not kept behind frame %d",
        kept.get(0).firstFrame(),
        before.lastFrame());
    endImages();
    int last = kept.get(kept.size() - 1).lastFrame();
    wal.truncateAfter(last);
    keep(last);
  }

  /** Whether a writer is open. */
  public boolean hasWriter() {
    return writerOpen.get();
  }

  /** The WAL's frames up to that one are there on purpose. */
  void keep(int lastFrame) {
    keptFrame = lastFrame;
  }

  /** The last frame that is kept without being published; 0 if none is. */
  int keptFrame() {
    return keptFrame;
  }

  private void endImages() {
    FrameImages latest = images;
    if (latest != null) {
      latest.end();
      images = null;
    }
  }

  /**
   * Copies what is published into the main file, as far as readers allow ("passive"); a writer may
   * be open. It is not synced: {@link #syncMainFile} does that. While this runs nothing must be
   * published, which is given if one thread does both.
   *
   * @return complete if its code is OK and both its counts are {@link #publishedFrames}
   * @throws SqliteException if it failed
   */
  public CheckpointResult checkpoint() {
    requireUnchanged();
    return checkpointer().checkpoint(CheckpointMode.PASSIVE);
  }

  /**
   * Makes durable what the last {@link #checkpoint} has put into the main file. May be called by
   * another thread than the publisher's, through a handle that only checkpoints use: none may run
   * meanwhile, and this may not be closed.
   */
  public void syncCheckpointed() {
    NativeFile.main(checkpointer().fileHandle(), database.toString()).sync();
  }

  /** Makes the main file durable. */
  public void syncMainFile() {
    checkOpen();
    main.sync();
  }

  /**
   * Begins the WAL anew: everything goes to the main file, and no frame counts any more. No writer
   * may be open, but for one that is {@linkplain WriterConnection#retire retired}.
   *
   * <p>This is what SQLite does when a writer finds the whole WAL in the main file, or in a
   * checkpoint that truncates it, and is done here under the same locks; but SQLite would want the
   * write lock to be given up for a checkpoint, and cut the file to nothing. The file's space is
   * kept: to free its pages in the kernel's cache, and to write them anew, took 9% of the
   * processors' time of a busy node; and ext4 writes out a file that was cut to no bytes and
   * written again when any descriptor of it is closed ({@code auto_da_alloc}).
   *
   * <p><b>The main file is not synced:</b> until {@link #syncCheckpointed} is done, a power failure
   * may take what was in the WAL. The caller has it elsewhere. A sync takes long, and here those
   * who write would wait for it.
   *
   * @param framesKept for how many frames the file keeps its space
   * @return false if a reader still needs the WAL, or frames in it are still to be published:
   *     nothing changed, but for what was checkpointed
   * @throws SqliteException if it failed
   */
  public boolean restartWal(int framesKept) {
    WalIndexHeader before = requireUnchanged();
    Invariant.check(!writerOpen.get() || writerRetired, "%s has a writer", database);
    if (keptFrame != 0) {
      return false;
    }
    cutBack(); // a writer may have written there, and committed nothing
    if (before.lastFrame() == 0) {
      endImages();
      return true;
    }
    if (!complete(checkpoint()) || !lock(WalLock.CHECKPOINT, WalLock.CHECKPOINT)) {
      return false;
    }
    try {
      if (!lock(WalLock.reader(1), LAST_READER)) {
        return false;
      }
      try {
        endLife(before, framesKept);
      } finally {
        unlock(WalLock.reader(1), LAST_READER);
      }
    } finally {
      unlock(WalLock.CHECKPOINT, WalLock.CHECKPOINT);
    }
    endImages();
    return true;
  }

  /**
   * First the file: whoever finds it without a wal-index takes it for empty, and all of it is in
   * the main file. Nobody who has the wal-index reads the file's header.
   */
  private void endLife(WalIndexHeader before, int framesKept) {
    int backfilled = index.readMarks().backfilled();
    Invariant.check(
        backfilled == before.lastFrame(),
        "%d of %d frames of %s are in its main file",
        backfilled,
        before.lastFrame(),
        database);
    wal.endLife(framesKept);
    WalIndexHeader after = before.restarted(salts.nextInt());
    try {
      index.restart(after);
      changes.incrementAndGet();
      published = after;
    } catch (Throwable e) {
      halt.halt("the wal-index of " + database + " is half changed", e);
      throw e;
    }
  }

  /** Takes these locks, or none of them. */
  private boolean lock(int first, int last) {
    for (int slot = first; slot <= last; slot++) {
      boolean taken = false;
      try {
        taken = main.tryLock(slot);
      } finally {
        if (!taken) {
          unlock(first, slot - 1);
        }
      }
      if (!taken) {
        return false;
      }
    }
    return true;
  }

  private void unlock(int first, int last) {
    for (int slot = first; slot <= last; slot++) {
      main.unlock(slot);
    }
  }

  /** Whether a checkpoint has copied all that is published. */
  public boolean complete(CheckpointResult result) {
    return result.resultCode() == ResultCode.OK
        && result.walFrames() == publishedFrames()
        && result.checkpointedFrames() == publishedFrames();
  }

  /** How far checkpoints and readers are. */
  public ReadMarks readMarks() {
    checkOpen();
    return index.readMarks();
  }

  /** The pages that are published, to be read one by one. */
  public PublishedPages pages() {
    checkOpen();
    return new PublishedPages(this, index, wal, main);
  }

  /** Whether a reader holds a snapshot that needs the WAL; it may be gone the next moment. */
  public boolean readersUseWal() {
    requireUnchanged();
    for (int mark = 1; mark < ReadMarks.COUNT; mark++) {
      if (!main.tryLock(WalLock.reader(mark))) {
        return true;
      }
      main.unlock(WalLock.reader(mark));
    }
    return false;
  }

  /** Gives the write lock back and closes the connections; no writer may be open. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    requireNoWriter();
    closed = true;
    try {
      endImages();
      if (locked) {
        unlock();
      }
      SqliteConnection first = checkpointer;
      if (first != null) {
        first.close();
      }
    } finally {
      connection.close();
    }
  }

  WalIndexHeader published() {
    return published;
  }

  WalFile wal() {
    return wal;
  }

  /**
   * Registers the only writer; the WAL must hold nothing but what is published.
   *
   * @return reads its pages back
   */
  FrameImages writerOpened() {
    requireUnchanged();
    Invariant.check(writerOpen.compareAndSet(false, true), "%s already has a writer", database);
    writerRetired = false;
    boolean cutBack = false;
    try {
      cutBack = wal.endsAfter(publishedFrames(), published.salts());
      Invariant.check(
          cutBack,
          "the WAL of %s goes on after frame %d: it was not cut back to what is published",
          database,
          publishedFrames());
    } finally {
      if (!cutBack) {
        writerOpen.set(false);
      }
    }
    endImages();
    FrameImages latest = new FrameImages(database, pageSize(), faults.wal());
    images = latest;
    return latest;
  }

  /** The writer that is open writes nothing any more. */
  void writerRetired() {
    writerRetired = true;
  }

  void writerClosed() {
    writerOpen.set(false);
  }

  void requireNoWriter() {
    Invariant.check(!writerOpen.get(), "%s has a writer", database);
  }

  private void unlock() {
    locked = false;
    main.unlock(WalLock.WRITE);
  }

  private SqliteConnection checkpointer() {
    SqliteConnection open = checkpointer;
    if (open == null) {
      open = Connections.checkpointer(database);
      checkpointer = open;
    }
    return open;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the publisher of " + database + " is closed");
    }
  }
}
