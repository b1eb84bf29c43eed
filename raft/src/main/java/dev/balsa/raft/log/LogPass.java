package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.UnknownFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log's segments in order, up to the first place where something is wrong, and behind it
 * for what tells how far the log was durable. Changes nothing.
 *
 * <p>A segment may be a leftover: of what was compacted or reset away, when a crash came between
 * the record that says so and the last deletion; or of a run that wrote nothing but hard states
 * (see {@link LogRecord.SegmentStart#previousEnd}). A leftover may be in any state. So which
 * segments count is decided by what the newest valid record says about where the log begins: it
 * holds if the log can be read from there to that record.
 */
final class LogPass {
  private final OptionalLong nodeId;
  private final LogReplay replay = new LogReplay();

  /** What may be wrong at the end of the segment before, unless the next one knows better. */
  private @Nullable LogDamage suspected;

  private @Nullable LogDamage damage;
  private LogPosition lastStop = LogPosition.NONE;
  private @Nullable Segment lastValid;
  private int started;
  private int firstScanned;

  /** Where each segment with at least one valid excerpt ends. */
  private final Map<Integer, Integer> ends = new HashMap<>();

  /** The last segment that holds entries. */
  private int lastFull;

  /** First segments of the log, as records behind the damage have it. */
  private final NavigableSet<Integer> beginsBehindDamage = new TreeSet<>();

  private LogPass(OptionalLong nodeId) {
    this.nodeId = nodeId;
  }

  /** The segments in a folder, in order. */
  static List<Segment> list(Path folder) throws IOException {
    List<Segment> segments = new ArrayList<>();
    try (Stream<Path> names = Files.list(folder)) {
      for (Path file : (Iterable<Path>) names::iterator) {
        String name = file.getFileName().toString();
        Optional<Segment> segment = Segment.of(file);
        if (segment.isPresent()) {
          segments.add(segment.get());
        } else if (name.endsWith(Segment.ACTIVE) || name.endsWith(Segment.SEALED)) {
          throw new LogStoreException(
              "The file " + file + " is no log segment: move it out of the log's folder.");
        }
      }
    }
    segments.sort(Comparator.comparingInt(Segment::cycle));
    for (int i = 1; i < segments.size(); i++) {
      if (segments.get(i).cycle() == segments.get(i - 1).cycle()) {
        throw new LogStoreException(
            "The log segments "
                + segments.get(i - 1).file()
                + " and "
                + segments.get(i).file()
                + " are copies of the same one: move the one that does not belong there away.");
      }
    }
    return segments;
  }

  /**
   * Reads a log.
   *
   * @param nodeId the node whose log it must be; empty if any
   * @param progress told of each segment before it is read
   * @throws LogStoreException if it is another node's, of an unknown format, or cannot be what this
   *     program wrote
   */
  static LogPass read(List<Segment> segments, OptionalLong nodeId, Consumer<Segment> progress)
      throws IOException {
    OptionalLong owner = nodeId;
    int first = 0;
    for (Segment segment : segments) {
      Optional<LogRecord.SegmentStart> start = SegmentScan.start(segment);
      if (start.isPresent()) {
        owner = checkOwner(segment, start.get(), owner);
        if (start.get().begin().firstCycle() == segment.cycle()) {
          first = segment.cycle();
        }
      }
    }
    LogPass pass = readFrom(segments, owner, first, progress);
    int damaged = pass.damage == null ? 0 : pass.damage.position().cycle();
    for (int begin : pass.beginsBehindDamage.tailSet(damaged, false).descendingSet()) {
      LogPass shorter = readFrom(segments, owner, begin, progress);
      if (shorter.replay.begin().firstCycle() == begin) {
        return shorter;
      }
    }
    return pass;
  }

  private static LogPass readFrom(
      List<Segment> segments, OptionalLong nodeId, int first, Consumer<Segment> progress)
      throws IOException {
    LogPass pass = new LogPass(nodeId);
    for (Segment segment : segments) {
      if (segment.cycle() >= first) {
        progress.accept(segment);
        pass.scan(segment);
      }
    }
    if (pass.damage == null) {
      pass.damage = pass.suspected;
    }
    return pass;
  }

  LogReplay replay() {
    return replay;
  }

  /** What is wrong, null if nothing is. */
  @Nullable LogDamage damage() {
    return damage;
  }

  /** Whether what is damaged was known to be durable: it may have been acknowledged. */
  boolean hasLostDurable() {
    return damage != null && replay.furthestDurable().isAfter(damage.position());
  }

  /** Where a segment ends, null if it is no part of the log. */
  @Nullable Integer end(Segment segment) {
    return ends.get(segment.cycle());
  }

  /** First segment that counts, 0 if none does. */
  int firstCycle() {
    return replay.begin().firstCycle();
  }

  /** Whose log it is, if any segment says so. */
  OptionalLong nodeId() {
    return nodeId;
  }

  /** The last segment that holds entries, 0 if none does. */
  int lastFull() {
    return lastFull;
  }

  private void scan(Segment segment) throws IOException {
    if (firstScanned == 0) {
      firstScanned = segment.cycle();
    }
    try (SegmentScan scan = new SegmentScan(segment)) {
      if (segment.isSealed()) {
        // By its name, all of it is durable, and it holds something.
        replay.durable(new LogPosition(segment.cycle(), (int) Math.max(1, scan.fileBytes())));
      }
      SegmentScan.Result result =
          scan.scan((records, offsets) -> excerpt(segment, records, offsets));
      LogPosition stop = new LogPosition(segment.cycle(), result.stop());
      if (result.damage() != null) {
        replay.durable(scan.furthestDurable(result.stop()));
      }
      if (damage != null) {
        return;
      }
      if (result.end() > 0) {
        replay.end(new LogPosition(segment.cycle(), result.end()));
        ends.put(segment.cycle(), result.end());
        lastValid = segment;
        suspected = null;
      }
      if (result.damage() != null && suspected == null) {
        suspected = new LogDamage(segment, stop, result.damage());
      }
      lastStop = stop;
    }
  }

  private void excerpt(Segment segment, List<LogRecord> records, List<Integer> offsets) {
    boolean isStart = records.get(0) instanceof LogRecord.SegmentStart;
    if (isStart == (started == segment.cycle())) {
      throw new LogStoreException(
          "The log segment "
              + segment.file()
              + " is inconsistent at offset "
              + offsets.get(0)
              + ": exactly its first record tells what it continues. It has been changed by"
              + " something else; replace this node by a new member with an empty folder.");
    }
    started = segment.cycle();
    if (records.get(0) instanceof LogRecord.SegmentStart start) {
      checkOwner(segment, start, nodeId);
      if (damage == null && segment.cycle() > firstScanned) {
        checkChain(segment, start.previousEnd());
      }
    }
    if (damage != null) {
      behindDamage(records);
      return;
    }
    replay.apply(segment, records, offsets);
    if (records.get(records.size() - 1) instanceof LogRecord.Appended) {
      lastFull = segment.cycle();
    }
  }

  private void behindDamage(List<LogRecord> records) {
    for (LogRecord record : records) {
      if (record instanceof LogRecord.State state) {
        replay.durable(state.durable());
      } else if (record instanceof LogRecord.Begin begin) {
        beginsBehindDamage.add(begin.firstCycle());
      } else if (record instanceof LogRecord.SegmentStart start) {
        beginsBehindDamage.add(start.begin().firstCycle());
      }
    }
  }

  /** Refuses a segment that is not ours to read. */
  private static OptionalLong checkOwner(
      Segment segment, LogRecord.SegmentStart start, OptionalLong nodeId) {
    if (start.formatVersion() != RecordFormat.FORMAT_VERSION) {
      throw new UnknownFormatException(
          "The log segment "
              + segment.file()
              + " has format version "
              + start.formatVersion()
              + "; this program supports version "
              + RecordFormat.FORMAT_VERSION
              + ". Start the node with the program that wrote it, or a newer one.");
    }
    if (nodeId.isPresent() && start.nodeId() != nodeId.getAsLong()) {
      throw new LogStoreException(
          "The log segment "
              + segment.file()
              + " belongs to node "
              + start.nodeId()
              + ", but this is node "
              + nodeId.getAsLong()
              + ": configure the folder or the id that belong together.");
    }
    return OptionalLong.of(start.nodeId());
  }

  /** A segment knows where the one before it ended. */
  private void checkChain(Segment segment, LogPosition previousEnd) {
    LogPosition end = replay.end();
    if (previousEnd.equals(end)) {
      suspected = null; // whatever follows there is nothing of ours
      return;
    }
    if (end.isAfter(previousEnd)) {
      Integer fullEnd = ends.get(lastFull);
      if (fullEnd == null || !previousEnd.equals(new LogPosition(lastFull, fullEnd))) {
        throw new LogStoreException(
            "The log segment "
                + segment.file()
                + " does not belong behind the one before it: it begins where the log had "
                + previousEnd
                + ", but the log goes on to "
                + end
                + ". Files of different logs are mixed; restore the folder as it was.");
      }
      suspected = null;
      ends.keySet().removeIf(cycle -> cycle > lastFull); // it replaces them
      return;
    }
    damage = suspected != null ? suspected : missing(previousEnd);
  }

  private LogDamage missing(LogPosition previousEnd) {
    String reason =
        "what followed up to offset "
            + previousEnd.offset()
            + " of segment "
            + previousEnd.cycle()
            + " is missing";
    return new LogDamage(lastValid, lastStop, reason);
  }
}
