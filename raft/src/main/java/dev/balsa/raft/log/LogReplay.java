package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.UnknownFormatException;
import dev.balsa.raft.core.HardState;
import java.util.List;
import java.util.Optional;

/**
 * Builds the log's state from the records of valid excerpts. A record that is valid by its checksum
 * but cannot follow the one before it was not torn by a crash: it is refused, whatever may be
 * durable.
 */
final class LogReplay {
  private final long nodeId;
  private final LogIndex index = new LogIndex(1);
  private HardState hardState = HardState.INITIAL;
  private LogPosition end = LogPosition.NONE;
  private LogPosition furthestDurable = LogPosition.NONE;

  LogReplay(long nodeId) {
    this.nodeId = nodeId;
  }

  LogIndex index() {
    return index;
  }

  /** Term and vote as last written, and the highest commit index that the log reaches. */
  HardState hardState() {
    return new HardState(
        hardState.term(), hardState.votedFor(), Math.min(hardState.committed(), index.lastIndex()));
  }

  /** Where the last excerpt ends. */
  LogPosition end() {
    return end;
  }

  /** Takes the end of a segment's last valid excerpt. */
  void end(LogPosition position) {
    end = position;
  }

  /** The furthest position that is known to have been durable. */
  LogPosition furthestDurable() {
    return furthestDurable;
  }

  void durable(LogPosition position) {
    if (position.isAfter(furthestDurable)) {
      furthestDurable = position;
    }
  }

  /**
   * Refuses a segment that is not ours to read, before anything is changed.
   *
   * @return the record with which the segment begins, if this excerpt is its first
   */
  Optional<LogRecord.SegmentStart> checkOwner(Segment segment, List<LogRecord> records) {
    if (!(records.get(0) instanceof LogRecord.SegmentStart start)) {
      return Optional.empty();
    }
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
    if (start.nodeId() != nodeId) {
      throw new LogStoreException(
          "The log segment "
              + segment.file()
              + " belongs to node "
              + start.nodeId()
              + ", but this is node "
              + nodeId
              + ": configure the folder or the id that belong together.");
    }
    return Optional.of(start);
  }

  /** Takes over what an excerpt says. */
  void apply(Segment segment, List<LogRecord> records, List<Integer> offsets) {
    // The excerpt's own state may already call the entries committed that supersede others.
    long committed = hardState.committed();
    for (int i = 0; i < records.size(); i++) {
      int offset = offsets.get(i);
      LogRecord record = records.get(i);
      boolean follows;
      if (record instanceof LogRecord.SegmentStart start) {
        follows =
            i == 0
                && start.baseIndex() == index.lastIndex()
                && start.baseTerm() == index.lastTerm();
      } else if (record instanceof LogRecord.State state) {
        follows = i <= 1 && apply(state);
      } else if (record instanceof LogRecord.Truncate truncate) {
        follows = truncate.fromIndex() > committed && truncate.fromIndex() <= index.lastIndex();
        if (follows) {
          index.truncate(truncate.fromIndex());
        }
      } else if (record instanceof LogRecord.Appended entry) {
        follows = entry.index() == index.lastIndex() + 1 && entry.term() >= index.lastTerm();
        if (follows) {
          index.append(entry, segment.cycle(), offset);
        }
      } else {
        follows = false;
      }
      if (!follows) {
        throw new LogStoreException(
            "The log segment "
                + segment.file()
                + " is inconsistent at offset "
                + offset
                + ": "
                + record
                + " cannot follow there, after entry "
                + index.lastIndex()
                + ". It has been changed by something else; replace this node by a new member"
                + " with an empty folder.");
      }
    }
  }

  private boolean apply(LogRecord.State state) {
    HardState next = state.hardState();
    boolean follows =
        next.term() >= hardState.term()
            && (next.term() > hardState.term()
                || hardState.votedFor() == 0
                || next.votedFor() == hardState.votedFor());
    hardState =
        new HardState(
            next.term(), next.votedFor(), Math.max(next.committed(), hardState.committed()));
    durable(state.durable());
    return follows;
  }
}
