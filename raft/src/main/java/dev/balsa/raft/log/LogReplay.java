package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.HardState;
import java.util.List;

/**
 * Builds the log's state from the records of valid excerpts. A record that is valid by its checksum
 * but cannot follow the one before it was not torn by a crash: it is refused, whatever may be
 * durable.
 *
 * <p>Where the log begins is not known before a record says so that means this first segment or a
 * later one: until then, what came before the first segment is only known to have ended with some
 * entry, and entries may be superseded that are not there any more.
 */
final class LogReplay {
  private final LogIndex index = new LogIndex();
  private HardState hardState = HardState.INITIAL;
  private LogPosition end = LogPosition.NONE;
  private LogPosition furthestDurable = LogPosition.NONE;
  private int firstRead;
  private LogRecord.Begin begin = LogRecord.Begin.NONE;

  LogIndex index() {
    return index;
  }

  /** Term and vote as last written, and the highest commit index that the log reaches. */
  HardState hardState() {
    return new HardState(
        hardState.term(), hardState.votedFor(), Math.min(hardState.committed(), index.lastIndex()));
  }

  /** Where the log begins, with a first segment of 0 while that is not known. */
  LogRecord.Begin begin() {
    return begin;
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

  /** Takes over what an excerpt says. */
  void apply(Segment segment, List<LogRecord> records, List<Integer> offsets) {
    // The excerpt's own state may already call the entries committed that supersede others.
    long committed = hardState.committed();
    for (int i = 0; i < records.size(); i++) {
      int offset = offsets.get(i);
      LogRecord record = records.get(i);
      boolean follows;
      if (record instanceof LogRecord.SegmentStart start) {
        follows = i == 0 && apply(segment, start);
      } else if (record instanceof LogRecord.State state) {
        follows = i <= 1 && apply(state);
      } else if (record instanceof LogRecord.Begin next) {
        follows = next.firstCycle() <= segment.cycle() && apply(next);
      } else if (record instanceof LogRecord.Truncate truncate) {
        follows = truncate.fromIndex() > committed && apply(truncate);
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

  private boolean apply(Segment segment, LogRecord.SegmentStart start) {
    if (firstRead == 0) {
      firstRead = segment.cycle();
      index.restart(start.endIndex(), start.endTerm());
    }
    return start.begin().firstCycle() <= segment.cycle()
        && start.endIndex() == index.lastIndex()
        && start.endTerm() == index.lastTerm()
        && (begin.equals(start.begin()) || apply(start.begin()));
  }

  private boolean apply(LogRecord.Begin next) {
    if (next.firstCycle() < firstRead) {
      return begin.firstCycle() == 0; // so it was then; it has changed before all this went
    }
    long at = next.base().index();
    boolean follows =
        next.firstCycle() > begin.firstCycle()
            && at >= index.baseIndex()
            && at <= index.lastIndex()
            && next.base().term() == index.termAtOrBase(at);
    if (follows) {
      index.discard(at);
      begin = next;
    }
    return follows;
  }

  private boolean apply(LogRecord.Truncate truncate) {
    long last = truncate.fromIndex() - 1;
    if (last >= index.lastIndex()) {
      return false;
    }
    if (last >= index.baseIndex()) {
      boolean follows = truncate.termBefore() == index.termAtOrBase(last);
      if (follows) {
        index.truncate(truncate.fromIndex());
      }
      return follows;
    }
    if (begin.firstCycle() > 0) {
      return false; // nothing from before the base is ever superseded
    }
    index.restart(last, truncate.termBefore());
    return true;
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
