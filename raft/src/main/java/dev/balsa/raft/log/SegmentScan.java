package dev.balsa.raft.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment's file with plain reads, trusting nothing in it. A Chronicle file is a sequence
 * of documents, each behind a header of 4 bytes and at a multiple of 4: bit 31 says that it is not
 * complete, bit 30 that it is Chronicle's own (its header, its index), the rest is the length; 0 is
 * the end so far, and {@code 0xC0000000} the end for good. Of Chronicle's own documents, nothing
 * but the header matters to us.
 */
final class SegmentScan implements AutoCloseable {
  private static final int NOT_COMPLETE = 0x80000000;
  private static final int META = 0x40000000;
  private static final int LENGTH = 0x3fffffff;
  private static final int END_OF_SEGMENT = 0xC0000000;

  /** Chronicle writes "EOF" behind that mark, as a comment of its own format. */
  private static final int END_COMMENT = 0x464f45c3;

  private static final int HEADER_BYTES = 4;

  /** Largest excerpt that any version writes. */
  private static final int EXCERPT_BYTES_MAX = 8 << 20;

  private static final int WINDOW_BYTES = 1 << 20;

  private final Segment segment;
  private final FileChannel channel;
  private final long size;
  private final RecordFormat format = new RecordFormat();
  private final List<LogRecord> records = new ArrayList<>();
  private final List<Integer> offsets = new ArrayList<>();
  private ByteBuffer window =
      ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long windowStart;

  /** Takes the records of valid excerpts, in order. */
  interface Visitor {
    /**
     * An excerpt.
     *
     * @param records its records, until this returns. A segment record of an unknown version comes
     *     alone: nothing can be said about what follows it
     * @param offsets where each begins in the file
     */
    void excerpt(List<LogRecord> records, List<Integer> offsets);
  }

  /**
   * What a scan found.
   *
   * @param end end of the last valid excerpt, 0 if there is none
   * @param stop where the scan stopped
   * @param damage what is wrong there, null if the segment just ends there
   */
  record Result(int end, int stop, @Nullable String damage) {}

  SegmentScan(Segment segment) throws IOException {
    this.segment = segment;
    channel = FileChannel.open(segment.file(), StandardOpenOption.READ);
    size = Math.min(channel.size(), Integer.MAX_VALUE - 8L);
  }

  /** The record that a segment begins with, if the excerpt is valid that it is in. */
  static Optional<LogRecord.SegmentStart> start(Segment segment) throws IOException {
    try (SegmentScan scan = new SegmentScan(segment)) {
      return scan.start();
    }
  }

  private Optional<LogRecord.SegmentStart> start() throws IOException {
    for (long at = 0; at + HEADER_BYTES <= size; ) {
      int header = intAt(at);
      int length = header & LENGTH;
      if (length == 0 || (header & NOT_COMPLETE) != 0) {
        return Optional.empty();
      }
      if ((header & META) == 0) {
        return readExcerpt(at + HEADER_BYTES, length) == null
                && records.get(0) instanceof LogRecord.SegmentStart start
            ? Optional.of(start)
            : Optional.empty();
      }
      at = (at + HEADER_BYTES + length + 3) & ~3L;
    }
    return Optional.empty();
  }

  long fileBytes() {
    return size;
  }

  /**
   * Visits all valid excerpts from the beginning up to the first thing that is not as it should.
   */
  Result scan(Visitor visitor) throws IOException {
    long at = 0;
    int end = 0;
    while (true) {
      if (at + HEADER_BYTES > size) {
        return end == 0 ? new Result(0, 0, "it holds nothing") : new Result(end, (int) at, null);
      }
      int header = intAt(at);
      if (header == 0 || header == END_OF_SEGMENT) {
        return atEnd(at, end, header);
      }
      String damage = null;
      int length = header & LENGTH;
      long next = (at + HEADER_BYTES + length + 3) & ~3L;
      if ((header & NOT_COMPLETE) != 0) {
        damage = "a document was not completed";
      } else if (at + HEADER_BYTES + length > size) {
        damage = "a document of " + length + " bytes goes beyond the end of the file";
      } else if (at == 0 && (header & META) == 0) {
        damage = "it does not begin as a Chronicle file does";
      } else if ((header & META) == 0) {
        damage = readExcerpt(at + HEADER_BYTES, length);
        if (damage == null) {
          visitor.excerpt(records, offsets);
          end = (int) next;
        }
      }
      if (damage != null) {
        return new Result(end, (int) at, damage);
      }
      at = next;
    }
  }

  /** A segment's end is followed by zeros; anything else has lost its beginning. */
  private Result atEnd(long at, int end, int header) throws IOException {
    if (end == 0) {
      return new Result(end, (int) at, "it holds nothing");
    }
    long rest = header == 0 ? at : at + HEADER_BYTES;
    if (header == END_OF_SEGMENT && rest + 4 <= size && intAt(rest) == END_COMMENT) {
      rest += 4;
    }
    long data = firstNonZero(rest);
    if (data < 0) {
      return new Result(end, (int) at, null);
    }
    return new Result(end, (int) at, "nothing is there, but data follow at offset " + data);
  }

  /** The first byte that is not zero, -1 if there is none. */
  private long firstNonZero(long from) throws IOException {
    byte[] zeros = new byte[WINDOW_BYTES];
    for (long at = from; at < size; at += WINDOW_BYTES) {
      int count = (int) Math.min(WINDOW_BYTES, size - at);
      window(at, count);
      int start = (int) (at - windowStart);
      int found = Arrays.mismatch(window.array(), start, start + count, zeros, 0, count);
      if (found >= 0) {
        return at + found;
      }
    }
    return -1;
  }

  /**
   * Looks for valid excerpts behind a damaged place, wherever they begin.
   *
   * @return the furthest position that one of them calls durable
   */
  LogPosition furthestDurable(long from) throws IOException {
    LogPosition furthest = LogPosition.NONE;
    for (long at = from; at + HEADER_BYTES < size; ) {
      int header = intAt(at);
      if (header > 0 && (header & META) == 0 && isStateAt(at + HEADER_BYTES, header)) {
        if (readExcerpt(at + HEADER_BYTES, header) == null) {
          for (LogRecord record : records) {
            if (record instanceof LogRecord.State state && state.durable().isAfter(furthest)) {
              furthest = state.durable();
            }
          }
          at += (HEADER_BYTES + header + 3) & ~3;
          continue;
        }
      }
      at += HEADER_BYTES;
    }
    return furthest;
  }

  /** A cheap look at whether an excerpt may be here: its first record's length and type. */
  private boolean isStateAt(long body, int length) throws IOException {
    if (length < RecordFormat.STATE_BYTES || body + length > size) {
      return false;
    }
    window(body, RecordFormat.STATE_BYTES);
    return RecordFormat.mayBeginExcerpt(window, (int) (body - windowStart));
  }

  /** Reads the records of a document; null if they are an excerpt, else what is wrong. */
  private @Nullable String readExcerpt(long body, int length) throws IOException {
    records.clear();
    offsets.clear();
    if (length < RecordFormat.STATE_BYTES || length > EXCERPT_BYTES_MAX || body + length > size) {
      return "a document of " + length + " bytes";
    }
    window(body, length);
    int start = (int) (body - windowStart);
    for (int at = 0; at < length; ) {
      int offset = (int) body + at;
      LogRecord record = format.decode(window, start + at, start + length, segment.cycle(), offset);
      if (record instanceof LogRecord.Damaged damaged) {
        return "there is " + damaged.reason();
      }
      records.add(record);
      offsets.add(offset);
      if (record instanceof LogRecord.SegmentStart segmentStart
          && segmentStart.formatVersion() != RecordFormat.FORMAT_VERSION) {
        return null;
      }
      at += RecordFormat.recordBytes(window.getInt(start + at + 4));
    }
    return null;
  }

  private int intAt(long at) throws IOException {
    window(at, HEADER_BYTES);
    return window.getInt((int) (at - windowStart));
  }

  /** Makes that part of the file, which lies within it, readable in the window. */
  private void window(long at, int count) throws IOException {
    if (at >= windowStart && at + count <= windowStart + window.limit()) {
      return;
    }
    if (window.capacity() < count) {
      window = ByteBuffer.allocate(count + WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
    window.clear().limit((int) Math.min(window.capacity(), size - at));
    windowStart = at;
    while (window.hasRemaining()) {
      if (channel.read(window, at + window.position()) < 0) {
        throw new IOException(segment.file() + " became shorter while it was read");
      }
    }
    window.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
