package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The records that are written as one Chronicle excerpt, which is valid as a whole or not at all.
 * Reused from one to the next.
 */
final class Excerpt {
  private final RecordFormat format = new RecordFormat();
  private final List<Entry> entries = new ArrayList<>();
  private int[] entryOffsets = new int[64];

  /** Outside the heap: a channel would copy it there. */
  private ByteBuffer bytes = ByteBuffer.allocateDirect(64 << 10).order(ByteOrder.LITTLE_ENDIAN);

  /** Begins a segment's first excerpt. */
  void begin(LogRecord.SegmentStart start, LogRecord.State state) {
    clear(RecordFormat.segmentStartBytes(start.begin()) + RecordFormat.STATE_BYTES);
    RecordFormat.putSegmentStart(bytes, start);
    RecordFormat.putState(bytes, state);
  }

  /** Begins any other excerpt. */
  void begin(LogRecord.State state) {
    clear(RecordFormat.STATE_BYTES);
    RecordFormat.putState(bytes, state);
  }

  void truncate(long fromIndex, long termBefore) {
    reserve(RecordFormat.TRUNCATE_BYTES);
    RecordFormat.putTruncate(bytes, fromIndex, termBefore);
  }

  void logBegins(LogRecord.Begin begin) {
    reserve(RecordFormat.beginBytes(begin));
    RecordFormat.putBegin(bytes, begin);
  }

  void add(Entry entry) {
    reserve(RecordFormat.recordBytes(entry.payload().length));
    if (entries.size() == entryOffsets.length) {
      entryOffsets = Arrays.copyOf(entryOffsets, 2 * entryOffsets.length);
    }
    entryOffsets[entries.size()] = bytes.position();
    entries.add(entry);
    RecordFormat.putEntry(bytes, entry);
  }

  int length() {
    return bytes.position();
  }

  List<Entry> entries() {
    return entries;
  }

  /** Where an entry's record begins within the excerpt. */
  int entryOffset(int at) {
    return entryOffsets[at];
  }

  /**
   * The bytes, with their checksums for a place in the file.
   *
   * @return a view of the excerpt, valid until the next one is begun
   */
  ByteBuffer bytesFor(int cycle, int offset) {
    int length = bytes.position();
    Invariant.check(length % 4 == 0, "excerpt of %d bytes", length);
    format.putChecksums(bytes, length, cycle, offset);
    return bytes.duplicate().flip();
  }

  private void clear(int reserve) {
    bytes.clear();
    entries.clear();
    reserve(reserve);
  }

  private void reserve(int more) {
    if (bytes.remaining() < more) {
      int needed = bytes.position() + more;
      ByteBuffer larger =
          ByteBuffer.allocateDirect(Math.max(needed, 2 * bytes.capacity()))
              .order(ByteOrder.LITTLE_ENDIAN);
      larger.put(bytes.flip());
      bytes = larger;
    }
  }
}
