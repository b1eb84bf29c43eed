package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.LogStore;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A log that is looked at while no node uses it: what it holds, and whether it is sound. All of it
 * is read and its checksums verified, as a node does at its start; nothing is changed. Not
 * thread-safe.
 */
public final class LogInspection implements AutoCloseable {
  private static final long READ_BYTES = 1 << 20;

  private final @Nullable FolderLock lock;
  private final LogPass pass;
  private final SegmentReader reader = new SegmentReader();
  private final List<SegmentInfo> segments = new ArrayList<>();
  private final Verdict verdict;
  private final @Nullable String damage;

  /** Whether a node can start on the log. */
  public enum Verdict {
    /** Nothing is wrong. */
    SOUND,
    /** What was being written when the node ended is not whole: the next start drops it. */
    TORN_TAIL,
    /** What others may rely on is damaged or missing: a node refuses to start. */
    DAMAGED
  }

  /** What a segment's file is to the log. */
  public enum Part {
    /** It is a part of it. */
    LOG,
    /** The log does without it; the next start deletes it. */
    LEFTOVER,
    /** It lies behind the place where the log can be read no further. */
    BEHIND_DAMAGE
  }

  /**
   * One segment.
   *
   * @param number its number, from 1, in the order in which they were written
   * @param fileBytes the file's size
   * @param contentBytes up to where it holds something valid
   * @param entries how many of the log's entries it holds: not those that were superseded
   */
  public record SegmentInfo(
      int number, Path file, Part part, long fileBytes, long contentBytes, long entries) {}

  private LogInspection(Path folder, @Nullable FolderLock lock, Consumer<Path> progress)
      throws IOException {
    this.lock = lock;
    List<Segment> files = LogPass.list(folder);
    if (files.isEmpty()) {
      throw new LogStoreException("There is no log in " + folder + ".");
    }
    pass = LogPass.read(files, OptionalLong.empty(), segment -> progress.accept(segment.file()));
    for (Segment segment : files) {
      reader.add(segment);
      segments.add(describe(segment));
    }
    String refusal = null;
    try {
      LogRecovery.refuseIfLost(folder, files, pass);
    } catch (LogStoreException e) {
      refusal = e.getMessage();
    }
    LogDamage torn = pass.damage();
    if (refusal != null) {
      verdict = Verdict.DAMAGED;
      damage = refusal;
    } else if (torn != null) {
      verdict = Verdict.TORN_TAIL;
      damage = torn.describe(folder);
    } else {
      verdict = Verdict.SOUND;
      damage = null;
    }
  }

  /**
   * Reads a log.
   *
   * @param folder its folder
   * @param progress told of each file before it is read
   * @throws LogInUseException if a node uses it
   * @throws dev.balsa.raft.UnknownFormatException if another version has written it
   * @throws LogStoreException if there is no log, or none that this program can have written
   */
  public static LogInspection open(Path folder, Consumer<Path> progress) {
    FolderLock lock = null;
    try {
      lock = FolderLock.takeShared(folder).orElse(null);
      return new LogInspection(folder, lock, progress);
    } catch (IOException | RuntimeException e) {
      if (lock != null) {
        lock.close();
      }
      if (e instanceof RuntimeException known) {
        throw known;
      }
      throw new LogStoreException("The log in " + folder + " cannot be read: " + e, e);
    }
  }

  private SegmentInfo describe(Segment segment) throws IOException {
    Integer end = pass.end(segment);
    Part part;
    if (segment.cycle() > pass.replay().end().cycle()) {
      part = Part.BEHIND_DAMAGE;
    } else if (segment.cycle() < pass.firstCycle() || end == null) {
      part = Part.LEFTOVER;
    } else {
      part = Part.LOG;
    }
    return new SegmentInfo(
        segment.cycle(),
        segment.file(),
        part,
        Files.size(segment.file()),
        part == Part.LOG && end != null ? end : 0,
        part == Part.LOG ? pass.replay().index().countIn(segment.cycle()) : 0);
  }

  /** The format's version: that of this program, or there was an exception. */
  public int formatVersion() {
    return RecordFormat.FORMAT_VERSION;
  }

  /** Whose log it is; empty if nothing of it can be read. */
  public OptionalLong nodeId() {
    return pass.nodeId();
  }

  /** Its segments, in the order in which they were written. */
  public List<SegmentInfo> segments() {
    return List.copyOf(segments);
  }

  /** Term and vote as last written, and the highest commit index known then. */
  public HardState hardState() {
    return pass.replay().hardState();
  }

  /** What the log begins after. In a damaged log this may not be known: then it is empty. */
  public Optional<SnapshotMark> base() {
    LogRecord.Begin begin = pass.replay().begin();
    return begin.firstCycle() == 0 ? Optional.empty() : Optional.of(begin.base());
  }

  /** Index of the first entry. */
  public long firstIndex() {
    return pass.replay().index().firstIndex();
  }

  /** Index of the last entry that can be read, {@code firstIndex() - 1} if there is none. */
  public long lastIndex() {
    return pass.replay().index().lastIndex();
  }

  /** Whether it is sound. */
  public Verdict verdict() {
    return verdict;
  }

  /** Where it is damaged, and what that means; empty if it is sound. */
  public Optional<String> damage() {
    return Optional.ofNullable(damage);
  }

  /** Up to where it was known to be durable: segment and offset. */
  public String durable() {
    LogPosition durable = pass.replay().furthestDurable();
    return durable.cycle() + ":" + durable.offset();
  }

  /** The indices of its configuration entries, ascending. */
  public List<Long> configurations() {
    return pass.replay().index().configurations();
  }

  /**
   * Reads entries, in order, without holding more than a few in memory.
   *
   * @param fromIndex first one, at least {@link #firstIndex()}
   * @param toIndex last one, at most {@link #lastIndex()}; nothing is read if it is lower
   * @throws LogStoreException if they have changed since the log was opened
   */
  public void entries(long fromIndex, long toIndex, Consumer<Entry> each) {
    Invariant.check(
        fromIndex >= firstIndex() && toIndex <= lastIndex(),
        "entries %d to %d of a log from %d to %d",
        fromIndex,
        toIndex,
        firstIndex(),
        lastIndex());
    for (long next = fromIndex; next <= toIndex; ) {
      List<Entry> read = reader.read(pass.replay().index().find(next, toIndex, READ_BYTES));
      read.forEach(each);
      next += read.size();
    }
  }

  /**
   * The same as a log that cannot be written, good until this is closed. Closing it does nothing.
   *
   * @throws dev.balsa.raft.InvariantViolation if it is damaged: no node can use it
   */
  public LogStore asStore() {
    Invariant.check(verdict != Verdict.DAMAGED, "a damaged log is used: %s", damage());
    return new InspectedLog(pass, reader);
  }

  @Override
  public void close() {
    reader.close();
    if (lock != null) {
      lock.close();
    }
  }
}
