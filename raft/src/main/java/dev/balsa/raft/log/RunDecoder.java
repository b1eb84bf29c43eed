package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Entry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the entries that were asked for out of the bytes of their runs, in order. The checksum,
 * index and term of each are checked. Of those that lie before the first one, only the sizes are
 * looked at: a wrong one leads to a place where that entry's checksum is not.
 */
final class RunDecoder {
  private final LogIndex.Places places;
  private final RecordFormat format = new RecordFormat();
  private final List<Entry> entries = new ArrayList<>();
  private long payloadBytes;

  RunDecoder(LogIndex.Places places) {
    this.places = places;
  }

  /**
   * Takes a run's entries.
   *
   * @param in a little-endian heap buffer
   * @param start where the run begins in it
   * @return whether more are wanted
   * @throws LogStoreException if there is something else
   */
  boolean take(EntryRun run, ByteBuffer in, int start, Path file) {
    int at = start;
    for (int i = 0; i < run.count(); i++) {
      long index = run.firstIndex() + i;
      if (index > places.to()) {
        return false;
      }
      int offset = run.offset() + at - start;
      if (index < places.from()) {
        at = behind(in, at, start + run.bytes(), index, offset, file) + run.gapBytes();
        continue;
      }
      LogRecord record = format.decode(in, at, start + run.bytes(), run.cycle(), offset);
      if (!(record instanceof LogRecord.Appended entry)
          || entry.index() != index
          || entry.term() != places.terms().term(index)) {
        throw damaged(file, offset, index, record);
      }
      payloadBytes += entry.payloadBytes();
      if (!entries.isEmpty() && payloadBytes > places.payloadBytesMax()) {
        return false;
      }
      byte[] payload = new byte[entry.payloadBytes()];
      in.get(RecordFormat.payloadAt(at), payload);
      entries.add(new Entry(index, entry.term(), entry.type(), payload));
      at += RecordFormat.recordBytes(payload.length) + run.gapBytes();
    }
    return true;
  }

  /** Where the record ends, by its own size. */
  private int behind(ByteBuffer in, int at, int limit, long index, int offset, Path file) {
    int size = limit - at < RecordFormat.HEAD_BYTES ? -1 : RecordFormat.payloadBytes(in, at);
    if (size < 0 || size > limit - at - RecordFormat.HEAD_BYTES) {
      throw damaged(file, offset, index, new LogRecord.Damaged("a record with a size of " + size));
    }
    return at + RecordFormat.recordBytes(size);
  }

  private LogStoreException damaged(Path file, int offset, long index, LogRecord found) {
    return new LogStoreException(
        "The log segment "
            + file
            + " is damaged at offset "
            + offset
            + ": entry "
            + index
            + " of term "
            + places.terms().term(Math.max(index, places.from()))
            + " should be there, but there is "
            + found
            + ". Check the disk; replace this node by a new member with an empty folder.");
  }

  /** What was taken so far. */
  List<Entry> entries() {
    return entries;
  }
}
