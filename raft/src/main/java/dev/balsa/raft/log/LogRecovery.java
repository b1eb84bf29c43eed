package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a log's folder before anything is appended to it:
 *
 * <ol>
 *   <li>Every segment is scanned, in order, up to the first place where something is wrong: see
 *       {@link LogPass}. Nothing is changed yet.
 *   <li>Behind that place, also in later segments, excerpts are looked for that are still valid:
 *       they tell how far the log was known to be durable. If that is beyond the damage, then
 *       something is lost that may have been acknowledged (entries, or a vote), and going on would
 *       break Raft: refused. Otherwise it is the torn tail of a crash, of which nobody has heard.
 *   <li>A torn tail is cut off: later segments are deleted; the valid prefix is built under another
 *       name, forced, renamed over the segment, and the folder forced. A crash at any of these
 *       steps leaves a folder with which all this begins anew, with the same result.
 *   <li>All that is kept is cut to its content, forced and sealed, and the folder forced: what was
 *       read may so far live in the page cache only.
 *   <li>Segments go that the others have made superfluous, now that these are durable: what a
 *       compaction or a reset was about to delete when the process ended.
 * </ol>
 */
final class LogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

  private final Path folder;
  private final FileLayer files;
  private final OptionalLong nodeId;

  /**
   * The log as it was found.
   *
   * @param begin where it begins; with a first segment of 0 if it has none
   * @param end where it ends
   * @param fullEnd where the last segment ends that holds entries; those after it can go once
   *     another one repeats the hard state
   * @param segments its segments, sealed, in order
   */
  record Recovered(
      LogIndex index,
      HardState hardState,
      LogRecord.Begin begin,
      LogPosition end,
      LogPosition fullEnd,
      List<Segment> segments) {}

  private LogRecovery(Path folder, LogStoreConfig config) {
    this.folder = folder;
    files = config.files();
    nodeId = OptionalLong.of(config.nodeId());
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
    List<Segment> segments = LogPass.list(folder);
    LogPass pass = LogPass.read(segments, nodeId, segment -> {});
    refuseIfLost(folder, segments, pass);
    List<Segment> superfluous = new ArrayList<>();
    List<Segment> kept = new ArrayList<>();
    List<Segment> torn = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment.cycle() > pass.replay().end().cycle()) {
        torn.add(segment);
      } else if (segment.cycle() < pass.firstCycle() || pass.end(segment) == null) {
        superfluous.add(segment);
      } else {
        kept.add(segment);
      }
    }
    LogDamage damage = pass.damage();
    Invariant.check(damage != null || torn.isEmpty(), "superfluous segments %s", torn);
    if (damage != null) {
      dropTail(pass, damage, kept, torn);
    }
    deleteLeftovers();
    List<Segment> sealed = seal(pass, kept);
    if (!superfluous.isEmpty()) {
      for (Segment segment : superfluous) {
        files.delete(segment.file());
      }
      files.forceDirectory(folder);
    }
    return new Recovered(
        pass.replay().index(),
        pass.replay().hardState(),
        pass.replay().begin(),
        pass.replay().end(),
        fullEnd(pass, kept),
        sealed);
  }

  private static LogPosition fullEnd(LogPass pass, List<Segment> kept) {
    for (Segment segment : kept) {
      Integer end = pass.end(segment);
      if (segment.cycle() == pass.lastFull() && end != null) {
        return new LogPosition(segment.cycle(), end);
      }
    }
    return LogPosition.NONE;
  }

  /** Refuses a log of which something is gone that others may rely on. */
  static void refuseIfLost(Path folder, List<Segment> segments, LogPass pass) {
    String advice =
        " so entries or votes that others rely on are lost, and this node must not go on without"
            + " them. Restore the file from this node's disk if you can; otherwise remove this node"
            + " from the cluster and add a new one, with a new id and an empty folder.";
    LogDamage damage = pass.damage();
    if (pass.hasLostDurable() && damage != null) {
      LogPosition durable = pass.replay().furthestDurable();
      throw new LogStoreException(
          damage.describe(folder)
              + ". The log was durable up to offset "
              + durable.offset()
              + " of segment "
              + durable.cycle()
              + ","
              + advice);
    }
    if (segments.isEmpty()) {
      return;
    }
    // Only of the very first segment may nothing be left: others are begun when one is durable.
    int first = pass.firstCycle() == 0 ? 1 : pass.firstCycle();
    if (segments.stream().noneMatch(segment -> segment.cycle() == first)) {
      throw new LogStoreException(
          "The log in "
              + folder
              + " is damaged at its beginning: its first segment, number "
              + first
              + ", is missing, and the oldest one there is "
              + segments.get(0).file()
              + ". What was in it was durable,"
              + advice);
    }
  }

  /** Cuts off what is behind the damage. */
  private void dropTail(LogPass pass, LogDamage damage, List<Segment> kept, List<Segment> torn)
      throws IOException {
    LogPosition end = pass.replay().end();
    for (int i = torn.size() - 1; i >= 0; i--) {
      files.delete(torn.get(i).file());
    }
    if (!kept.isEmpty() && !kept.get(kept.size() - 1).isSealed()) {
      Segment last = kept.get(kept.size() - 1);
      Path repaired = last.repairFile();
      files.copyPrefix(last.file(), repaired, end.offset());
      force(repaired);
      files.rename(repaired, last.file());
    }
    files.forceDirectory(folder);
    if (damage.position().offset() > 0) {
      LOG.warn(
          "{}. Nothing of it was acknowledged: dropped, with {} later segments. The log ends with"
              + " entry {}.",
          damage.describe(folder),
          torn.size(),
          pass.replay().index().lastIndex());
    }
  }

  private void deleteLeftovers() throws IOException {
    files.delete(folder.resolve(Segment.METADATA));
    List<Path> leftovers = new ArrayList<>();
    try (Stream<Path> names = Files.list(folder)) {
      names
          .filter(file -> file.toString().endsWith(".repair") || SpareSegment.isFurther(file))
          .forEach(leftovers::add);
    }
    for (Path leftover : leftovers) {
      files.delete(leftover);
    }
  }

  private List<Segment> seal(LogPass pass, List<Segment> kept) throws IOException {
    List<Segment> sealed = new ArrayList<>();
    for (Segment segment : kept) {
      Segment target = segment;
      Integer end = pass.end(segment);
      if (!segment.isSealed() && end != null) {
        files.truncate(segment.file(), end);
        force(segment.file());
        target = segment.sealed();
        files.rename(segment.file(), target.file());
      } else {
        force(segment.file());
      }
      sealed.add(target);
    }
    files.forceDirectory(folder);
    return sealed;
  }

  private void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      files.force(file, channel);
    }
  }
}
