package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a log's folder before anything is appended to it:
 *
 * <ol>
 *   <li>Every segment is scanned, in order, up to the first place where something is wrong. Nothing
 *       is changed yet.
 *   <li>Behind that place, also in later segments, excerpts are looked for that are still valid:
 *       they tell how far the log was known to be durable. If that is beyond the damage, then
 *       something is lost that may have been acknowledged (entries, or a vote), and going on would
 *       break Raft: refused. Otherwise it is the torn tail of a crash, of which nobody has heard.
 *   <li>A torn tail is cut off: later segments are deleted; the valid prefix is built under another
 *       name, forced, renamed over the segment, and the folder forced. A crash at any of these
 *       steps leaves a folder with which all this begins anew, with the same result.
 *   <li>All that is kept is cut to its content, forced and sealed, and the folder forced: what was
 *       read may so far live in the page cache only.
 * </ol>
 */
final class LogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

  private final Path folder;
  private final FileLayer files;
  private final LogReplay replay;

  /** What may be wrong at the end of the segment before, unless the next one knows better. */
  private @Nullable Damage suspected;

  private @Nullable Damage damage;
  private LogPosition lastStop = LogPosition.NONE;
  private @Nullable Segment lastValid;
  private int started;
  private final Map<Integer, Integer> ends = new HashMap<>();

  private record Damage(@Nullable Segment segment, LogPosition position, String reason) {
    String describe(Path folder) {
      return segment == null
          ? "The log in " + folder + " is damaged at its beginning: " + reason
          : "The log segment "
              + segment.file()
              + " is damaged at offset "
              + position.offset()
              + ": "
              + reason;
    }
  }

  /**
   * The log as it was found.
   *
   * @param end where it ends
   * @param segments its segments, sealed, in order
   * @param bytes their size
   */
  record Recovered(
      LogIndex index, HardState hardState, LogPosition end, List<Segment> segments, long bytes) {}

  private LogRecovery(Path folder, LogStoreConfig config) {
    this.folder = folder;
    files = config.files();
    replay = new LogReplay(config.nodeId());
  }

  /**
   * Recovers a locked folder.
   *
   * @throws LogStoreException if it must not be used: the message says why and what to do
   */
  static Recovered recover(Path folder, LogStoreConfig config) {
    LogRecovery recovery = new LogRecovery(folder, config);
    try {
      return recovery.run();
    } catch (IOException e) {
      throw new LogStoreException("The log in " + folder + " cannot be read or repaired: " + e, e);
    }
  }

  private Recovered run() throws IOException {
    List<Segment> segments = list();
    for (Segment segment : segments) {
      scan(segment);
    }
    if (damage == null) {
      damage = suspected;
    }
    if (damage != null) {
      if (replay.furthestDurable().isAfter(damage.position())) {
        throw refusal(damage);
      }
      segments = dropTail(segments, damage);
    }
    deleteLeftovers();
    return seal(segments);
  }

  private List<Segment> list() throws IOException {
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

  private void scan(Segment segment) throws IOException {
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
        suspected = new Damage(segment, stop, result.damage());
      }
      lastStop = stop;
    }
  }

  private void excerpt(Segment segment, List<LogRecord> records, List<Integer> offsets) {
    Optional<LogRecord.SegmentStart> start = replay.checkOwner(segment, records);
    if (start.isPresent() == (started == segment.cycle())) {
      throw new LogStoreException(
          "The log segment "
              + segment.file()
              + " is inconsistent at offset "
              + offsets.get(0)
              + ": exactly its first record tells what it continues. It has been changed by"
              + " something else; replace this node by a new member with an empty folder.");
    }
    started = segment.cycle();
    if (start.isPresent() && damage == null) {
      checkChain(segment, start.get().previousEnd());
    }
    if (damage == null) {
      replay.apply(segment, records, offsets);
      return;
    }
    for (LogRecord record : records) {
      if (record instanceof LogRecord.State state) {
        replay.durable(state.durable());
      }
    }
  }

  /** A segment knows where the one before it ended. */
  private void checkChain(Segment segment, LogPosition previousEnd) {
    LogPosition end = replay.end();
    if (previousEnd.equals(end)) {
      suspected = null; // whatever follows there is nothing of ours
      return;
    }
    if (end.isAfter(previousEnd)) {
      throw new LogStoreException(
          "The log segment "
              + segment.file()
              + " does not belong behind the one before it: it begins where the log had "
              + previousEnd
              + ", but the log goes on to "
              + end
              + ". Files of different logs are mixed; restore the folder as it was.");
    }
    damage = suspected != null ? suspected : missing(previousEnd);
  }

  private Damage missing(LogPosition previousEnd) {
    String reason =
        "what followed up to offset "
            + previousEnd.offset()
            + " of segment "
            + previousEnd.cycle()
            + " is missing";
    return new Damage(lastValid, lastStop, reason);
  }

  private LogStoreException refusal(Damage found) {
    LogPosition durable = replay.furthestDurable();
    return new LogStoreException(
        found.describe(folder)
            + ". The log was durable up to offset "
            + durable.offset()
            + " of segment "
            + durable.cycle()
            + ", so entries or votes that others rely on are lost, and this node must not go on"
            + " without them. Restore the file from this node's disk if you can; otherwise remove"
            + " this node from the cluster and add a new one, with a new id and an empty folder.");
  }

  /** Cuts off what is behind the damage. */
  private List<Segment> dropTail(List<Segment> segments, Damage torn) throws IOException {
    List<Segment> kept = new ArrayList<>(segments);
    long dropped = 0;
    while (!kept.isEmpty() && kept.get(kept.size() - 1).cycle() > replay.end().cycle()) {
      files.delete(kept.remove(kept.size() - 1).file());
      dropped++;
    }
    if (!kept.isEmpty() && !kept.get(kept.size() - 1).isSealed()) {
      Segment last = kept.get(kept.size() - 1);
      Path repaired = last.repairFile();
      files.copyPrefix(last.file(), repaired, replay.end().offset());
      force(repaired);
      files.rename(repaired, last.file());
    }
    files.forceDirectory(folder);
    if (torn.position().offset() > 0) {
      LOG.warn(
          "{}. Nothing of it was acknowledged: dropped, with {} later segments. The log ends with"
              + " entry {}.",
          torn.describe(folder),
          dropped,
          replay.index().lastIndex());
    }
    return kept;
  }

  private void deleteLeftovers() throws IOException {
    files.delete(folder.resolve(Segment.METADATA));
    List<Path> leftovers = new ArrayList<>();
    try (Stream<Path> names = Files.list(folder)) {
      names.filter(file -> file.toString().endsWith(".repair")).forEach(leftovers::add);
    }
    for (Path leftover : leftovers) {
      files.delete(leftover);
    }
  }

  private Recovered seal(List<Segment> segments) throws IOException {
    List<Segment> sealed = new ArrayList<>();
    long bytes = 0;
    for (Segment segment : segments) {
      Segment target = segment;
      Integer end = ends.get(segment.cycle());
      if (end == null) {
        files.delete(segment.file()); // the next one begins where the one before ended
        continue;
      }
      if (!segment.isSealed()) {
        files.truncate(segment.file(), end);
        force(segment.file());
        target = segment.sealed();
        files.rename(segment.file(), target.file());
      } else {
        force(segment.file());
      }
      bytes += Files.size(target.file());
      sealed.add(target);
    }
    files.forceDirectory(folder);
    return new Recovered(replay.index(), replay.hardState(), replay.end(), sealed, bytes);
  }

  private void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      files.force(file, channel);
    }
  }
}
