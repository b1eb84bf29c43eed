package dev.balsa.raft.log;

import dev.balsa.raft.core.Entry;
import java.util.List;

/** How a batch is cut into excerpts, and what room it needs. */
final class BatchPlan {
  private final LogStoreConfig config;
  private final SegmentAppender appender;

  BatchPlan(LogStoreConfig config, SegmentAppender appender) {
    this.config = config;
    this.appender = appender;
  }

  /** Up to where, from an entry on, one excerpt takes them: at least one, if there is one. */
  int excerptEnd(List<Entry> entries, int from) {
    int to = from;
    int bytes = RecordFormat.STATE_BYTES + RecordFormat.TRUNCATE_BYTES;
    while (to < entries.size()) {
      bytes += RecordFormat.recordBytes(entries.get(to).payload().length);
      if (to > from && bytes > config.excerptBytesMax()) {
        break;
      }
      to++;
    }
    return to;
  }

  /**
   * How many new segments a batch may need: no fewer than it will, for what Chronicle adds is
   * counted where it may be added.
   *
   * @param endOffset where the current segment ends
   * @param begin what every segment repeats
   */
  int segmentsFor(List<Entry> entries, int endOffset, LogRecord.Begin begin) {
    int needed = 0;
    int at = endOffset + SegmentAppender.INDEX_BYTES;
    int from = 0;
    do {
      int to = excerptEnd(entries, from);
      int bytes = RecordFormat.STATE_BYTES + RecordFormat.TRUNCATE_BYTES;
      for (int i = from; i < to; i++) {
        bytes += RecordFormat.recordBytes(entries.get(i).payload().length);
      }
      if (!appender.fits(at, bytes)) {
        needed++;
        at =
            SegmentAppender.BEGINNING_BYTES
                + SegmentAppender.INDEX_BYTES
                + RecordFormat.segmentStartBytes(begin)
                + RecordFormat.STATE_BYTES
                + SegmentAppender.HEADER_BYTES;
      }
      at += SegmentAppender.HEADER_BYTES + bytes;
      from = to;
    } while (from < entries.size());
    return needed;
  }

  /** Refuses an entry that no segment could take. */
  void checkFits(List<Entry> entries) {
    for (Entry entry : entries) {
      if (RecordFormat.entryExcerptBytes(entry) > config.excerptBytesMax()) {
        throw new IllegalArgumentException(
            entry + " does not fit into log segments of " + config.blockBytes() + " bytes");
      }
    }
  }

  /** Refuses a beginning whose configuration no segment could repeat. */
  void checkFits(LogRecord.Begin begin) {
    int bytes = RecordFormat.segmentStartBytes(begin) + RecordFormat.STATE_BYTES;
    if (bytes > config.excerptBytesMax()) {
      throw new IllegalArgumentException(
          "a configuration of "
              + begin.base().configuration().nodes().size()
              + " nodes does not fit into log segments of "
              + config.blockBytes()
              + " bytes");
    }
  }
}
