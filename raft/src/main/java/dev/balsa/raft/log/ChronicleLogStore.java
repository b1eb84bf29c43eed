package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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
  private final LogStoreConfig config;
  private final FolderLock lock;
  private final SpareSegment spare;
  private final SegmentAppender appender;
  private final SegmentReader reader;
  private final UnforcedSegments unforced;
  private final LogIndex index;
  private final Excerpt excerpt = new Excerpt();

  /** Where the log ends, and how much of it is durable. Known to the appending thread alone. */
  private LogPosition end;

  private LogPosition durable;
  private LogPosition durableWritten;
  private volatile HardState hardState;
  private final AtomicLong sizeBytes;
  private volatile @Nullable Throwable poison;
  private boolean closed;

  private ChronicleLogStore(
      Path folder,
      LogStoreConfig config,
      FolderLock lock,
      SpareSegment spare,
      SegmentAppender appender,
      LogRecovery.Recovered recovered) {
    this.folder = folder;
    this.config = config;
    this.lock = lock;
    this.spare = spare;
    this.appender = appender;
    index = recovered.index();
    hardState = recovered.hardState();
    end = recovered.end();
    durable = end;
    durableWritten = LogPosition.NONE;
    sizeBytes = new AtomicLong(recovered.bytes());
    unforced = new UnforcedSegments(folder, config.files());
    reader = new SegmentReader();
    recovered.segments().forEach(reader::add);
  }

  /**
   * Opens the log in a folder, or makes a new one. Everything that it then holds is durable.
   *
   * @param folder the log's own folder, made if it does not exist
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
      JdkPackages.open();
      int cycle = recovered.end().cycle() + 1;
      appender = SegmentAppender.open(folder, config, cycle);
      store = new ChronicleLogStore(folder, config, lock, spare, appender, recovered);
      store.beginSegment(cycle);
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
        store.unforced.close();
        store.reader.close();
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
    return hardState;
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
    return reader.read(index.find(fromIndex, toIndex, payloadBytesMax));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The entries' terms do not fall, and what is committed is not superseded: {@link Invariant}s.
   */
  @Override
  public synchronized void append(HardState next, List<Entry> entries) {
    checkWritable();
    checkFollows(next, entries);
    try {
      int done = 0;
      do {
        done = writeExcerpt(next, entries, done);
      } while (done < entries.size());
    } catch (Throwable e) {
      throw poisoned("written", e);
    }
  }

  @Override
  public synchronized void force() {
    checkWritable();
    LogPosition target = end;
    try {
      unforced.force();
    } catch (Throwable e) {
      throw poisoned("made durable", e);
    }
    durable = target;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes.get();
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
      if (poison == null && durable.isAfter(durableWritten)) {
        writeExcerpt(hardState, List.of(), 0);
      }
    } catch (RuntimeException e) {
      LOG.warn("log closed without its last note: {}", e.toString());
    } finally {
      unforced.close();
      reader.close();
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

  private void checkFollows(HardState next, List<Entry> entries) {
    HardState now = hardState;
    Invariant.check(next.term() >= now.term(), "%s after %s", next, now);
    Invariant.check(
        next.term() > now.term() || now.votedFor() == 0 || next.votedFor() == now.votedFor(),
        "a second vote in a term: %s after %s",
        next,
        now);
    if (entries.isEmpty()) {
      return;
    }
    long first = entries.get(0).index();
    Invariant.check(
        first > now.committed() && first <= index.lastIndex() + 1,
        "entry %d into a log that ends with %d and is committed up to %d",
        first,
        index.lastIndex(),
        now.committed());
    long term = first > index.firstIndex() ? index.term(first - 1) : 0;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      Invariant.check(entry.index() == first + i, "%s is not consecutive", entry);
      Invariant.check(entry.term() >= term, "%s after an entry of term %d", entry, term);
      term = entry.term();
      if (RecordFormat.entryExcerptBytes(entry) > config.excerptBytesMax()) {
        throw new IllegalArgumentException(
            entry + " does not fit into log segments of " + config.blockBytes() + " bytes");
      }
    }
  }

  /**
   * Writes as many of the entries as one excerpt takes.
   *
   * @return the number of entries done
   */
  private int writeExcerpt(HardState next, List<Entry> entries, int from) {
    int to = from;
    int bytes = RecordFormat.STATE_BYTES + RecordFormat.TRUNCATE_BYTES;
    while (to < entries.size()) {
      bytes += RecordFormat.recordBytes(entries.get(to).payload().length);
      if (to > from && bytes > config.excerptBytesMax()) {
        break;
      }
      to++;
    }
    long last = to > from ? entries.get(to - 1).index() : index.lastIndex();
    // What a crash leaves of a batch must not claim that more is committed than there is.
    long committed = Math.max(hardState.committed(), Math.min(next.committed(), last));
    HardState state = new HardState(next.term(), next.votedFor(), committed);
    excerpt.begin(new LogRecord.State(state, durable));
    boolean supersedes = to > from && entries.get(from).index() <= index.lastIndex();
    if (supersedes) {
      excerpt.truncate(entries.get(from).index());
    }
    for (Entry entry : entries.subList(from, to)) {
      excerpt.add(entry);
    }
    if (!appender.fits(end.offset(), excerpt.length())) {
      beginSegment(end.cycle() + 1);
    }
    write(supersedes ? entries.get(from).index() : 0, state);
    return to;
  }

  private void write(long supersededFrom, HardState state) {
    int offset = appender.append(excerpt);
    synchronized (index) { // a reader sees a batch's excerpt whole, and no gap before it
      if (supersededFrom > 0) {
        index.truncate(supersededFrom);
      }
      List<LogRecord.Appended> entries = excerpt.entries();
      for (int i = 0; i < entries.size(); i++) {
        index.append(entries.get(i), end.cycle(), offset + excerpt.entryOffset(i));
      }
    }
    wrote(offset, excerpt, state);
  }

  private void wrote(int offset, Excerpt written, HardState state) {
    unforced.wrote();
    end = new LogPosition(end.cycle(), offset + written.length());
    durableWritten = durable;
    hardState = state;
  }

  /** Goes to a fresh segment, which begins by telling all that the log amounts to so far. */
  private void beginSegment(int cycle) {
    Segment segment = Segment.active(folder, cycle);
    spare.take(segment);
    sizeBytes.addAndGet(config.blockBytes());
    reader.add(segment);
    unforced.begin(segment);
    appender.rollTo(cycle);
    Excerpt start = new Excerpt();
    start.begin(
        new LogRecord.SegmentStart(
            RecordFormat.FORMAT_VERSION, config.nodeId(), index.lastIndex(), index.lastTerm(), end),
        new LogRecord.State(hardState, durable));
    end = new LogPosition(cycle, 0);
    wrote(appender.append(start), start, hardState);
    spare.prepare();
  }
}
