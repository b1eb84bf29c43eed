package dev.balsa.raft.log;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The end at which a log grows: excerpts are written behind it, new segments begun, and what it
 * holds made durable. It knows where the log ends and how much of it is durable, and the state that
 * every excerpt repeats. There must be room for what is written, and after an exception nothing
 * more may be. One call at a time; {@link #hardState} and {@link #begin} are for any thread.
 */
final class LogTail {
  private final Path folder;
  private final LogStoreConfig config;
  private final SpareSegment spare;
  private final SegmentAppender appender;
  private final SegmentFiles segments;
  private final LogIndex index;
  private final Excerpt excerpt = new Excerpt();
  private LogPosition end;
  private LogPosition durable;

  /** What the last excerpt says about {@link #durable}. */
  private LogPosition durableWritten = LogPosition.NONE;

  private volatile LogRecord.Begin begin;
  private volatile HardState hardState;

  /** The end of a log as it was found, all of it durable. */
  LogTail(
      Path folder,
      LogStoreConfig config,
      SpareSegment spare,
      SegmentAppender appender,
      SegmentFiles segments,
      LogRecovery.Recovered recovered) {
    this.folder = folder;
    this.config = config;
    this.spare = spare;
    this.appender = appender;
    this.segments = segments;
    index = recovered.index();
    begin = recovered.begin();
    hardState = recovered.hardState();
    end = recovered.end();
    durable = end;
  }

  /** Where the last excerpt ends. */
  LogPosition end() {
    return end;
  }

  /** Where the log begins. */
  LogRecord.Begin begin() {
    return begin;
  }

  HardState hardState() {
    return hardState;
  }

  /**
   * Writes entries as one excerpt.
   *
   * @param next the state in force once all of the batch is written
   * @param from the first of the entries to write
   * @param to behind the last of them; {@code from} if there is only a state to write
   */
  void append(HardState next, List<Entry> entries, int from, int to) throws IOException {
    long last = to > from ? entries.get(to - 1).index() : index.lastIndex();
    // What a crash leaves of a batch must not claim that more is committed than there is.
    long committed = Math.max(hardState.committed(), Math.min(next.committed(), last));
    HardState state = new HardState(next.term(), next.votedFor(), committed);
    excerpt.begin(new LogRecord.State(state, durable));
    boolean supersedes = to > from && entries.get(from).index() <= index.lastIndex();
    if (supersedes) {
      long first = entries.get(from).index();
      excerpt.truncate(first, index.termAtOrBase(first - 1));
    }
    for (Entry entry : entries.subList(from, to)) {
      excerpt.add(entry);
    }
    if (!appender.fits(end.offset(), excerpt.length())) {
      beginSegment();
    }
    write(supersedes ? entries.get(from).index() : 0, state);
  }

  private void write(long supersededFrom, HardState state) throws IOException {
    int offset = appender.append(excerpt, segments);
    synchronized (index) { // a reader sees a batch's excerpt whole, and no gap before it
      if (supersededFrom > 0) {
        index.truncate(supersededFrom);
      }
      index.append(excerpt, end.cycle(), offset);
    }
    wrote(offset, excerpt, state);
  }

  private void wrote(int offset, Excerpt written, HardState state) {
    end = new LogPosition(end.cycle(), offset + written.length());
    durableWritten = durable;
    hardState = state;
  }

  /** Makes all that was written durable. */
  void force() throws IOException {
    LogPosition target = end;
    segments.force();
    durable = target;
  }

  /** Whether an excerpt fits that may use what is kept free in every segment. */
  boolean fitsReserve(int excerptBytes) {
    return appender.fitsReserve(end.offset(), excerptBytes);
  }

  /** From here on, durably, the log begins there. What is before it is not touched. */
  void moveBegin(LogRecord.Begin next) throws IOException {
    excerpt.begin(new LogRecord.State(hardState, durable));
    excerpt.logBegins(next);
    wrote(appender.append(excerpt, segments), excerpt, hardState);
    force();
    begin = next;
  }

  /** Writes how much is durable, unforced, if no excerpt says so yet and one fits. */
  void noteDurable() throws IOException {
    if (durable.isAfter(durableWritten) && fitsReserve(RecordFormat.STATE_BYTES)) {
      excerpt.begin(new LogRecord.State(hardState, durable));
      wrote(appender.append(excerpt, segments), excerpt, hardState);
    }
  }

  /**
   * Begins this run's first segment. It repeats what was said since the last entry, so the segments
   * can go in which nothing else is: a log that is only opened and closed does not grow.
   */
  void beginFirstSegment(LogRecovery.Recovered recovered) throws IOException {
    int cycle = end.cycle() + 1;
    LogPosition fullEnd = recovered.fullEnd();
    if (fullEnd.equals(LogPosition.NONE)) {
      begin = new LogRecord.Begin(cycle, begin.base());
    }
    beginSegment(fullEnd, begin, index.lastIndex(), index.lastTerm(), hardState);
    if (segments.hasBefore(cycle) && fullEnd.cycle() < cycle - 1) {
      force();
      segments.delete(fullEnd.cycle() + 1, cycle);
    }
  }

  /** Goes to a fresh segment, which begins by telling all that the log amounts to so far. */
  void beginSegment() throws IOException {
    beginSegment(end, begin, index.lastIndex(), index.lastTerm(), hardState);
  }

  /** Goes to a fresh segment, with which, durably, an empty log begins. */
  void restart(LogRecord.Begin first, HardState state) throws IOException {
    beginSegment(LogPosition.NONE, first, first.base().index(), first.base().term(), state);
    force(); // from here on it is the new log
    begin = first;
  }

  private void beginSegment(
      LogPosition previousEnd,
      LogRecord.Begin logBegin,
      long endIndex,
      long endTerm,
      HardState state)
      throws IOException {
    int cycle = end.cycle() + 1;
    Segment segment = Segment.active(folder, cycle);
    spare.take(segment);
    segments.begin(segment);
    appender.rollTo(cycle);
    Excerpt start = new Excerpt();
    start.begin(
        new LogRecord.SegmentStart(
            RecordFormat.FORMAT_VERSION, config.nodeId(), endIndex, endTerm, previousEnd, logBegin),
        new LogRecord.State(state, durable));
    end = new LogPosition(cycle, 0);
    wrote(appender.append(start, segments), start, state);
    spare.prepare();
  }
}
