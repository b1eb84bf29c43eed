package dev.balsa.raft.log;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The first place in a log where something is wrong.
 *
 * @param segment the segment, null if the log is damaged before its first one
 * @param position where
 * @param reason what is wrong there
 */
record LogDamage(@Nullable Segment segment, LogPosition position, String reason) {
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
