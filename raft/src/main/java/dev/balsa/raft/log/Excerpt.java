package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The records that are written as one Chronicle excerpt, which is valid as a whole or not at all.
 * Reused from one to the next.
 */
final class Excerpt {
  private final RecordFormat format = new RecordFormat();
  private final List<LogRecord.Appended> entries = new ArrayList<>();
  private final List<Integer> entryOffsets = new ArrayList<>();
  private ByteBuffer bytes = ByteBuffer.allocate(64 << 10).order(ByteOrder.LITTLE_ENDIAN);

  /** Begins a segment's first excerpt. */
  void begin(LogRecord.SegmentStart start, LogRecord.State state) {
    clear(RecordFormat.SEGMENT_BYTES + RecordFormat.STATE_BYTES);
    RecordFormat.putSegmentStart(bytes, start);
    RecordFormat.putState(bytes, state);
  }

  /** Begins any other excerpt. */
  void begin(LogRecord.State state) {
    clear(RecordFormat.STATE_BYTES);
    RecordFormat.putState(bytes, state);
  }

  void truncate(long fromIndex) {
    reserve(RecordFormat.TRUNCATE_BYTES);
    RecordFormat.putTruncate(bytes, fromIndex);
  }

  void add(Entry entry) {
    int payloadBytes = entry.payload().length;
    reserve(RecordFormat.recordBytes(payloadBytes));
    entries.add(new LogRecord.Appended(entry.index(), entry.term(), entry.type(), payloadBytes));
    entryOffsets.add(bytes.position());
    RecordFormat.putEntry(bytes, entry);
  }

  int length() {
    return bytes.position();
  }

  List<LogRecord.Appended> entries() {
    return entries;
  }

  /** Where an entry's record begins within the excerpt. */
  int entryOffset(int at) {
    return entryOffsets.get(at);
  }

  /**
   * The bytes, with their checksums for a place in the file.
   *
   * @return an array whose first {@link #length()} bytes are the excerpt's
   */
  byte[] bytesFor(int cycle, int offset) {
    int length = bytes.position();
    Invariant.check(length % 4 == 0, "excerpt of %d bytes", length);
    bytes.flip();
    format.putChecksums(bytes, cycle, offset);
    bytes.limit(bytes.capacity()).position(length);
    return bytes.array();
  }

  private void clear(int reserve) {
    bytes.clear();
    entries.clear();
    entryOffsets.clear();
    reserve(reserve);
  }

  private void reserve(int more) {
    if (bytes.remaining() < more) {
      int needed = bytes.position() + more;
      ByteBuffer larger =
          ByteBuffer.allocate(Math.max(needed, 2 * bytes.capacity()))
              .order(ByteOrder.LITTLE_ENDIAN);
      larger.put(bytes.flip());
      bytes = larger;
    }
  }
}
