package dev.balsa.raft.log;

import dev.balsa.raft.core.ConfigurationCodec;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.SnapshotMark;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The bytes of a record, little-endian:
 *
 * <pre>
 *   offset size
 *        0    4  crc32c of bytes 4 to end, xor a hash of the record's cycle and offset in the file
 *        4    4  bytes of the payload
 *        8    1  type: 1 ENTRY, 2 TRUNCATE, 3 HARD_STATE, 4 SEGMENT, 5 BEGIN
 *        9    1  ENTRY: {@link EntryType#code()}, else 0
 *       10    2  0
 *       12    8  raft index: of the entry; first one superseded; commit index; the log's last so
 *                far; what the log begins after
 *       20    8  term: of the entry; of the one before; current term; of the last; of that one
 *       28    n  payload, padded with zeros to a multiple of 4
 * </pre>
 *
 * The payload of HARD_STATE is: vote (8), durable position (cycle 4, offset 4). That of BEGIN is:
 * first segment (4), configuration ({@link ConfigurationCodec}). That of SEGMENT is: magic (8),
 * format version (4), node id (8), end of the segment before (cycle 4, offset 4), what the log
 * begins after (index 8, term 8), and as BEGIN.
 *
 * <p>The checksum covers the record's place, so that a valid record in a wrong place (a misdirected
 * write, a stale block of a deleted file, a renamed segment) is not taken for one. The record's
 * head, and the SEGMENT payload up to the version, are the same in all versions: a newer format is
 * recognised as such, and not taken for damage.
 */
final class RecordFormat {
  /** The version that this program writes, and the only one that it reads. */
  static final int FORMAT_VERSION = 2;

  static final int HEAD_BYTES = 28;
  static final int STATE_BYTES = HEAD_BYTES + 16;
  static final int TRUNCATE_BYTES = HEAD_BYTES;

  /** Size of a SEGMENT record without its configuration. */
  static final int SEGMENT_BYTES = HEAD_BYTES + 48;

  private static final byte ENTRY = 1;
  private static final byte TRUNCATE = 2;
  private static final byte HARD_STATE = 3;
  private static final byte SEGMENT = 4;
  private static final byte BEGIN = 5;
  private static final long MAGIC = 0x474F4C2D41534C42L; // "BLSA-LOG"

  private final CRC32C checksum = new CRC32C();

  /** Size of a record with a payload of that size. */
  static int recordBytes(int payloadBytes) {
    return (HEAD_BYTES + payloadBytes + 3) & ~3;
  }

  /** Size of an excerpt with a single entry, at most. */
  static int entryExcerptBytes(Entry entry) {
    return STATE_BYTES + TRUNCATE_BYTES + recordBytes(entry.payload().length);
  }

  /** Size of a record that tells where the log begins. */
  static int beginBytes(LogRecord.Begin begin) {
    return recordBytes(4 + ConfigurationCodec.encode(begin.base().configuration()).length);
  }

  /** Size of the record that a segment begins with. */
  static int segmentStartBytes(LogRecord.Begin begin) {
    return recordBytes(
        SEGMENT_BYTES
            - HEAD_BYTES
            + ConfigurationCodec.encode(begin.base().configuration()).length);
  }

  static void putSegmentStart(ByteBuffer out, LogRecord.SegmentStart start) {
    SnapshotMark base = start.begin().base();
    byte[] configuration = ConfigurationCodec.encode(base.configuration());
    int payloadBytes = SEGMENT_BYTES - HEAD_BYTES + configuration.length;
    putHead(out, payloadBytes, SEGMENT, 0, start.endIndex(), start.endTerm());
    out.putLong(MAGIC).putInt(start.formatVersion()).putLong(start.nodeId());
    out.putInt(start.previousEnd().cycle()).putInt(start.previousEnd().offset());
    out.putLong(base.index()).putLong(base.term());
    out.putInt(start.begin().firstCycle()).put(configuration);
    pad(out, payloadBytes);
  }

  static void putBegin(ByteBuffer out, LogRecord.Begin begin) {
    SnapshotMark base = begin.base();
    byte[] configuration = ConfigurationCodec.encode(base.configuration());
    int payloadBytes = 4 + configuration.length;
    putHead(out, payloadBytes, BEGIN, 0, base.index(), base.term());
    out.putInt(begin.firstCycle()).put(configuration);
    pad(out, payloadBytes);
  }

  static void putState(ByteBuffer out, LogRecord.State state) {
    HardState hardState = state.hardState();
    putHead(out, STATE_BYTES - HEAD_BYTES, HARD_STATE, 0, hardState.committed(), hardState.term());
    out.putLong(hardState.votedFor());
    out.putInt(state.durable().cycle()).putInt(state.durable().offset());
  }

  static void putTruncate(ByteBuffer out, long fromIndex, long termBefore) {
    putHead(out, 0, TRUNCATE, 0, fromIndex, termBefore);
  }

  static void putEntry(ByteBuffer out, Entry entry) {
    int payloadBytes = entry.payload().length;
    putHead(out, payloadBytes, ENTRY, entry.type().code(), entry.index(), entry.term());
    out.put(entry.payload());
    pad(out, payloadBytes);
  }

  private static void pad(ByteBuffer out, int payloadBytes) {
    for (int i = HEAD_BYTES + payloadBytes; i < recordBytes(payloadBytes); i++) {
      out.put((byte) 0);
    }
  }

  private static void putHead(
      ByteBuffer out, int payloadBytes, byte type, int entryType, long index, long term) {
    out.putInt(0).putInt(payloadBytes).put(type).put((byte) entryType).putShort((short) 0);
    out.putLong(index).putLong(term);
  }

  /**
   * Computes and stores the checksums of all records in a buffer.
   *
   * @param records whole records from index 0 to {@code end}, in a little-endian buffer; its
   *     position and limit stay
   * @param offset where they will begin in the file
   */
  void putChecksums(ByteBuffer records, int end, int cycle, int offset) {
    ByteBuffer view = records.duplicate().clear();
    for (int at = 0; at < end; ) {
      int bytes = recordBytes(records.getInt(at + 4));
      checksum.reset();
      checksum.update(view.limit(at + bytes).position(at + 4));
      records.putInt(at, (int) checksum.getValue() ^ place(cycle, offset + at));
      at += bytes;
    }
  }

  /** Differs from one place to another. */
  private static int place(int cycle, int offset) {
    return Long.hashCode(((long) cycle << 32 | offset) * 0x9E3779B97F4A7C15L);
  }

  /**
   * Reads the record at an index of a little-endian heap buffer. Anything may be there.
   *
   * @param limit end of the bytes to look at
   * @param offset the record's place in the file
   */
  LogRecord decode(ByteBuffer in, int at, int limit, int cycle, int offset) {
    if (limit - at < HEAD_BYTES) {
      return new LogRecord.Damaged("a record of " + (limit - at) + " bytes");
    }
    int payloadBytes = in.getInt(at + 4);
    if (payloadBytes < 0 || payloadBytes > limit - at - HEAD_BYTES) {
      return new LogRecord.Damaged("a payload length of " + payloadBytes);
    }
    int bytes = recordBytes(payloadBytes);
    if (bytes > limit - at) {
      return new LogRecord.Damaged("a record without its end");
    }
    if (in.getInt(at) != checksum(in.array(), in.arrayOffset() + at, bytes, cycle, offset)) {
      return new LogRecord.Damaged("a record whose checksum is wrong");
    }
    try {
      return decodeChecked(in, at, payloadBytes);
    } catch (IllegalArgumentException e) {
      // The bytes are what was once written, but by another program than this.
      return new LogRecord.Damaged("a record with an impossible value (" + e.getMessage() + ")");
    }
  }

  /** A cheap look at whether an excerpt may begin here: it does so with one of two records. */
  static boolean mayBeginExcerpt(ByteBuffer in, int at) {
    byte type = in.get(at + 8);
    return (type == HARD_STATE && in.getInt(at + 4) == STATE_BYTES - HEAD_BYTES)
        || (type == SEGMENT && in.getInt(at + 4) >= SEGMENT_BYTES - HEAD_BYTES);
  }

  /** Size of the payload as a record's head has it, unchecked. */
  static int payloadBytes(ByteBuffer in, int recordAt) {
    return in.getInt(recordAt + 4);
  }

  /** Where the payload of a record begins. */
  static int payloadAt(int recordAt) {
    return recordAt + HEAD_BYTES;
  }

  private static LogRecord decodeChecked(ByteBuffer in, int at, int payloadBytes) {
    byte type = in.get(at + 8);
    long index = in.getLong(at + 12);
    long term = in.getLong(at + 20);
    int payload = payloadAt(at);
    return switch (type) {
      case ENTRY ->
          index < 1 || term < 1 || payloadBytes > Entry.PAYLOAD_BYTES_MAX
              ? new LogRecord.Damaged("an entry at index " + index + ", term " + term)
              : new LogRecord.Appended(index, term, EntryType.of(in.get(at + 9)), payloadBytes);
      case TRUNCATE ->
          index < 1 || term < 0
              ? new LogRecord.Damaged("a truncation from index " + index)
              : new LogRecord.Truncate(index, term);
      case HARD_STATE ->
          payloadBytes != STATE_BYTES - HEAD_BYTES
              ? new LogRecord.Damaged("a hard state of " + payloadBytes + " bytes")
              : new LogRecord.State(
                  new HardState(term, in.getLong(payload), index), position(in, payload + 8));
      case SEGMENT -> decodeSegmentStart(in, payload, payloadBytes, index, term);
      case BEGIN -> decodeBegin(in, payload, payloadBytes, index, term);
      default -> new LogRecord.Damaged("a record of unknown type " + type);
    };
  }

  private static LogRecord decodeSegmentStart(
      ByteBuffer in, int payload, int payloadBytes, long index, long term) {
    if (payloadBytes < 12 || in.getLong(payload) != MAGIC || index < 0 || term < 0) {
      return new LogRecord.Damaged("a segment record without its magic number");
    }
    int version = in.getInt(payload + 8);
    if (version != FORMAT_VERSION) {
      return new LogRecord.SegmentStart(version, 0, 0, 0, LogPosition.NONE, LogRecord.Begin.NONE);
    }
    int fixed = SEGMENT_BYTES - HEAD_BYTES - 4;
    LogRecord begin =
        payloadBytes < fixed
            ? new LogRecord.Damaged("a segment record of " + payloadBytes + " bytes")
            : decodeBegin(
                in,
                payload + fixed,
                payloadBytes - fixed,
                in.getLong(payload + 28),
                in.getLong(payload + 36));
    return begin instanceof LogRecord.Begin known
        ? new LogRecord.SegmentStart(
            version, in.getLong(payload + 12), index, term, position(in, payload + 20), known)
        : begin;
  }

  private static LogRecord decodeBegin(
      ByteBuffer in, int payload, int payloadBytes, long index, long term) {
    int firstCycle = payloadBytes < 4 ? 0 : in.getInt(payload);
    if (firstCycle < 1) {
      return new LogRecord.Damaged("a log that begins with segment " + firstCycle);
    }
    byte[] configuration = new byte[payloadBytes - 4];
    in.get(payload + 4, configuration);
    return new LogRecord.Begin(
        firstCycle, new SnapshotMark(index, term, ConfigurationCodec.decode(configuration)));
  }

  private static LogPosition position(ByteBuffer in, int at) {
    int cycle = in.getInt(at);
    int offset = in.getInt(at + 4);
    if (cycle < 0 || offset < 0) {
      throw new IllegalArgumentException("position " + cycle + ":" + offset);
    }
    return new LogPosition(cycle, offset);
  }

  private int checksum(byte[] bytes, int at, int length, int cycle, int offset) {
    checksum.reset();
    checksum.update(bytes, at + 4, length - 4);
    return (int) checksum.getValue() ^ place(cycle, offset);
  }
}
