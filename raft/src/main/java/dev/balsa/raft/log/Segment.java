package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/**
 * One file of the log. While it is Chronicle's it is called {@code <cycle>.cq4}; once all of it is
 * durable and nothing will be appended any more, {@code <cycle>.sealed}: the same bytes, cut to
 * what they hold. Chronicle never maps a file that another process wrote, since a damaged one can
 * take the JVM with it; the other name keeps such files out of its sight.
 *
 * @param cycle number of the segment, from 1: Chronicle's cycle
 * @param file where it is
 */
record Segment(int cycle, Path file) {
  static final String ACTIVE = ".cq4";
  static final String SEALED = ".sealed";

  /** Chronicle's list of cycles and locks. Made anew at every start. */
  static final String METADATA = "metadata.cq4t";

  /** Chronicle names its files by time; a cycle stands for that second of 1970 and after. */
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern(SizeRollCycle.FORMAT, Locale.ROOT).withZone(ZoneOffset.UTC);

  Segment {
    Invariant.check(cycle > 0, "segment with cycle %d", cycle);
  }

  static Segment active(Path folder, int cycle) {
    return new Segment(cycle, folder.resolve(name(cycle) + ACTIVE));
  }

  /** The segment in a file of that name, if it is a segment's name. */
  static Optional<Segment> of(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    if (dot < 0 || !(name.endsWith(ACTIVE) || name.endsWith(SEALED))) {
      return Optional.empty();
    }
    try {
      long seconds = Instant.from(NAME.parse(name.substring(0, dot))).getEpochSecond();
      return seconds > 0 && seconds < Integer.MAX_VALUE
          ? Optional.of(new Segment((int) seconds, file))
          : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  boolean isSealed() {
    return file.getFileName().toString().endsWith(SEALED);
  }

  Segment sealed() {
    return new Segment(cycle, file.resolveSibling(name(cycle) + SEALED));
  }

  Path repairFile() {
    return file.resolveSibling(name(cycle) + ".repair");
  }

  private static String name(int cycle) {
    return NAME.format(Instant.ofEpochSecond(cycle));
  }
}
