package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.LogFullException;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log on Chronicle Queue. See the package's documentation for what Chronicle does here and what
 * we do ourselves.
 *
 * <p>{@link #append} and {@link #force} are for one thread; reading is for any. A write or a force
 * that fails poisons the store: what was written since the last force is in doubt for good (the
 * operating system may have dropped it and call the next force a success), so nothing more is
 * written, and the node must stop.
 */
public final class ChronicleLogStore implements LogStore {
  private static final Logger LOG = LoggerFactory.getLogger(ChronicleLogStore.class);

  private final Path folder;
  private final FolderLock lock;
  private final SpareSegment spare;
  private final SegmentAppender appender;
  private final BatchPlan plan;
  private final SegmentFiles segments;
  private final LogIndex index;
  private final LogTail tail;
  private volatile @Nullable Throwable poison;
  private boolean closed;

  private ChronicleLogStore(
      Path folder,
      LogStoreConfig config,
      FolderLock lock,
      SpareSegment spare,
      SegmentAppender appender,
      LogRecovery.Recovered recovered)
      throws IOException {
    this.folder = folder;
    this.lock = lock;
    this.spare = spare;
    this.appender = appender;
    plan = new BatchPlan(config, appender);
    index = recovered.index();
    segments = new SegmentFiles(folder, config, spare, recovered.segments());
    tail = new LogTail(folder, config, spare, appender, segments, recovered);
  }

  /**
   * Opens the log in a folder, or makes a new one. Everything that it then holds is durable.
   *
   * @param folder the log's own folder, made if it does not exist
   * @throws LogFullException if there is no room for its next segment
   * @throws LogStoreException if the folder is in use, not writable, another node's or of an
   *     unknown format, or if something is damaged that was acknowledged. The message says what to
   *     do.
   */
  public static ChronicleLogStore open(Path folder, LogStoreConfig config) {
    long started = System.nanoTime();
    FolderLock lock = FolderLock.take(folder, config.files());
    SpareSegment spare = new SpareSegment(folder, config);
    SegmentAppender appender = null;
    ChronicleLogStore store = null;
    try {
      spare.prepare(); // while the segments are scanned and Chronicle's classes loaded
      LogRecovery.Recovered recovered = LogRecovery.recover(folder, config);
      spare.reserve(1);
      JdkPackages.open();
      appender = SegmentAppender.open(folder, config, recovered.end().cycle() + 1);
      store = new ChronicleLogStore(folder, config, lock, spare, appender, recovered);
      store.tail.beginFirstSegment(recovered);
      LOG.info(
          "log opened in {} ms: entries {} to {}, term {}, {} segments, {}",
          (System.nanoTime() - started) / 1_000_000,
          store.firstIndex(),
          store.lastIndex(),
          store.hardState().term(),
          recovered.segments().size(),
          folder);
      return store;
    } catch (IOException e) {
      LogStoreException refusal =
          new LogStoreException("The log in " + folder + " cannot be opened: " + e, e);
      abandon(refusal, lock, spare, appender, store);
      throw refusal;
    } catch (RuntimeException | Error e) {
      abandon(e, lock, spare, appender, store);
      throw e;
    }
  }

  private static void abandon(
      Throwable because,
      FolderLock lock,
      SpareSegment spare,
      @Nullable SegmentAppender appender,
      @Nullable ChronicleLogStore store) {
    try {
      if (store != null) {
        store.segments.close();
      }
      if (appender != null) {
        appender.close();
      }
      spare.close();
      lock.close();
    } catch (RuntimeException e) {
      because.addSuppressed(e);
    }
  }

  @Override
  public HardState hardState() {
    return tail.hardState();
  }

  @Override
  public long firstIndex() {
    return index.firstIndex();
  }

  @Override
  public long lastIndex() {
    return index.lastIndex();
  }

  @Override
  public long term(long at) {
    return index.term(at);
  }

  @Override
  public List<Entry> read(long fromIndex, long toIndex, long payloadBytesMax) {
    return segments.read(index.find(fromIndex, toIndex, payloadBytesMax));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The entries' terms do not fall, and what is committed is not superseded: {@link Invariant}s.
   */
  @Override
  public synchronized void append(HardState next, List<Entry> entries) {
    checkWritable();
    AppendRules.checkFollows(tail.hardState(), next);
    AppendRules.checkFollow(tail.hardState(), index, entries);
    plan.checkFits(entries);
    // Nothing is written before all of it has room.
    spare.reserve(plan.segmentsFor(entries, tail.end().offset(), tail.begin()));
    try {
      int done = 0;
      do {
        int to = plan.excerptEnd(entries, done);
        tail.append(next, entries, done, to);
        done = to;
      } while (done < entries.size());
    } catch (Throwable e) {
      throw poisoned("written", e);
    }
  }

  @Override
  public synchronized boolean isPreparedFor(List<Entry> entries) {
    return plan.segmentsFor(entries, tail.end().offset(), tail.begin()) == 0;
  }

  @Override
  public synchronized void force() {
    checkWritable();
    try {
      tail.force();
    } catch (Throwable e) {
      throw poisoned("made durable", e);
    }
  }

  @Override
  public SnapshotMark base() {
    return tail.begin().base();
  }

  @Override
  public synchronized List<Entry> configurations() {
    List<Entry> entries = new ArrayList<>();
    for (long at : index.configurations()) {
      entries.addAll(read(at, at, 0));
    }
    return entries;
  }

  /**
   * {@inheritDoc}
   *
   * <p>If segments can go, then exactly the entries up to {@code mark} do.
   */
  @Override
  public synchronized void compact(SnapshotMark mark) {
    checkWritable();
    if (mark.index() <= index.baseIndex()) {
      return;
    }
    checkMark(mark);
    int first =
        mark.index() == index.lastIndex() ? tail.end().cycle() : index.cycle(mark.index() + 1);
    LogRecord.Begin next = new LogRecord.Begin(first, mark);
    plan.checkFits(next);
    if (!segments.hasBefore(first) || !makeRoomFor(next)) {
      return;
    }
    try {
      tail.moveBegin(next);
      index.discard(mark.index());
      segments.delete(0, first);
    } catch (Throwable e) {
      throw poisoned("compacted", e);
    }
    LOG.info(
        "log compacted up to entry {}: {} bytes in {}", mark.index(), segments.bytes(), folder);
  }

  /**
   * Whether a record about the log's beginning can be written: a part of each segment is for it.
   */
  private boolean makeRoomFor(LogRecord.Begin next) {
    int bytes = RecordFormat.STATE_BYTES + RecordFormat.beginBytes(next);
    if (tail.fitsReserve(bytes)) {
      return true;
    }
    try {
      spare.reserve(1);
      tail.beginSegment();
      return true;
    } catch (LogFullException e) {
      LOG.warn("log not compacted: {}", e.getMessage());
      return false;
    } catch (Throwable e) {
      throw poisoned("compacted", e);
    }
  }

  private void checkMark(SnapshotMark mark) {
    Invariant.check(
        mark.index() <= index.lastIndex() && mark.term() == index.term(mark.index()),
        "compaction up to %d of term %d in a log that ends with %d",
        mark.index(),
        mark.term(),
        index.lastIndex());
    byte[] known = base().index() == 0 ? null : ConfigurationCodec.encode(base().configuration());
    for (long at : index.configurations()) {
      if (at <= mark.index()) {
        known = read(at, at, 0).get(0).payload();
      }
    }
    Invariant.check(
        known == null || Arrays.equals(known, ConfigurationCodec.encode(mark.configuration())),
        "compaction with another configuration than the log's: %s",
        mark);
  }

  @Override
  public synchronized void reset(HardState next, SnapshotMark base) {
    checkWritable();
    AppendRules.checkFollows(tail.hardState(), next);
    int cycle = tail.end().cycle() + 1;
    LogRecord.Begin first = new LogRecord.Begin(cycle, base);
    plan.checkFits(first);
    spare.reserve(1);
    try {
      tail.restart(
          first,
          new HardState(next.term(), next.votedFor(), Math.min(next.committed(), base.index())));
      index.restart(base.index(), base.term());
      segments.delete(0, cycle);
    } catch (Throwable e) {
      throw poisoned("reset", e);
    }
    LOG.info("log begins anew after entry {} of term {}, {}", base.index(), base.term(), folder);
  }

  @Override
  public long sizeBytes() {
    return segments.bytes();
  }

  /**
   * {@inheritDoc}
   *
   * <p>What a last excerpt then says, unforced, is how far the log was durable: so that a damage of
   * the very last entries can be told from a torn tail, too.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (poison == null) {
        tail.noteDurable();
      }
    } catch (RuntimeException | IOException e) {
      LOG.info("log closed without its last note: {}", e.toString());
    } finally {
      segments.close();
      appender.close();
      spare.close();
      lock.close();
    }
  }

  private void checkWritable() {
    if (closed) {
      throw new LogStoreException("The log in " + folder + " is closed.");
    }
    Throwable cause = poison;
    if (cause != null) {
      throw new LogStoreException(
          "The log in " + folder + " takes no more writes since one failed: " + cause, cause);
    }
  }

  private LogStoreException poisoned(String what, Throwable cause) {
    poison = cause;
    if (cause instanceof LogStoreException known) {
      return known;
    }
    if (cause instanceof InvariantViolation broken) {
      throw broken;
    }
    if (cause instanceof VirtualMachineError fatal && !(cause instanceof InternalError)) {
      throw fatal;
    }
    return new LogStoreException(
        "The log in "
            + folder
            + " could not be "
            + what
            + " ("
            + cause
            + "). What was not yet durable is in doubt, so this node must stop: check the disk,"
            + " then start it again.",
        cause);
  }
}
