package dev.balsa.fsm;

import dev.balsa.raft.InvariantViolation;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A snapshot as it travels: what the databases are, their main files one after the other, each as
 * long as its record says, and at the end up to where each may have been checkpointed meanwhile.
 *
 * <pre>
 *   head:  i64 magic | i32 version | i32 length of what follows | i64 members through | i32 count
 *          | records | i32 CRC-32C
 *   main files, without anything between them
 *   tail:  count times i64 begun | i32 CRC-32C
 * </pre>
 *
 * <p>The files' bytes are checked on the way by Raft (each chunk has a CRC-32C), and as a whole by
 * the database checksum when they have been redone.
 */
final class SnapshotFormat {
  /** Bytes by which the length of the head is known. */
  static final int PREFIX_BYTES = 8 + 4 + 4;

  private static final long MAGIC = 0x42414c5341534e50L; // "BALSASNP"
  private static final int VERSION = 1;

  /** Bound on the records, before anything is allocated: some hundred thousand databases. */
  private static final int RECORDS_BYTES_MAX = 32 << 20;

  private SnapshotFormat() {}

  /**
   * What the databases are.
   *
   * @param membersThrough creations and drops up to this index are in it
   * @param records one each
   */
  record Head(long membersThrough, List<DatabaseRecord> records) {}

  static byte[] encodeHead(Head head) {
    List<DatabaseRecord> records = head.records();
    int bytes = 8 + 4;
    for (DatabaseRecord record : records) {
      bytes += record.encodedBytes();
    }
    ByteBuffer out = ByteBuffer.allocate(PREFIX_BYTES + bytes + 4);
    out.putLong(MAGIC).putInt(VERSION).putInt(bytes);
    out.putLong(head.membersThrough()).putInt(records.size());
    records.forEach(record -> record.encode(out));
    return out.putInt(checksum(out.array(), out.position())).array();
  }

  /**
   * The length of the whole head.
   *
   * @param prefix its first {@link #PREFIX_BYTES}
   * @throws IOException if it is none, or of another version
   */
  static int headBytes(ByteBuffer prefix) throws IOException {
    long magic = prefix.getLong(0);
    int version = prefix.getInt(8);
    int bytes = prefix.getInt(12);
    if (magic != MAGIC) {
      throw new IOException("what arrives is no snapshot");
    }
    if (version != VERSION) {
      throw new IOException(
          "the snapshot is of format version "
              + version
              + ", and this version of Balsa reads version "
              + VERSION);
    }
    if (bytes < 8 + 4 || bytes > RECORDS_BYTES_MAX) {
      throw new IOException("a snapshot with " + bytes + " bytes of records");
    }
    return PREFIX_BYTES + bytes + 4;
  }

  static Head decodeHead(byte[] head) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(head);
    if (headBytes(in) != head.length
        || in.getInt(head.length - 4) != checksum(head, head.length - 4)) {
      throw new IOException("the snapshot's head is damaged");
    }
    in.position(PREFIX_BYTES);
    try {
      long membersThrough = in.getLong();
      int count = in.getInt();
      List<DatabaseRecord> records = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        records.add(DatabaseRecord.decode(in));
      }
      if (in.remaining() != 4) {
        throw new IOException("the snapshot's head does not end where it should");
      }
      return new Head(membersThrough, records);
    } catch (BufferUnderflowException | IllegalArgumentException | InvariantViolation e) {
      throw new IOException("the snapshot's head is malformed: " + e.getMessage(), e);
    }
  }

  static int tailBytes(int databases) {
    return databases * Long.BYTES + 4;
  }

  static byte[] encodeTail(List<Long> begun) {
    ByteBuffer out = ByteBuffer.allocate(tailBytes(begun.size()));
    begun.forEach(out::putLong);
    return out.putInt(checksum(out.array(), out.position())).array();
  }

  /** Up to where each of the databases may have been checkpointed. */
  static List<Long> decodeTail(byte[] tail) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(tail);
    if (in.getInt(tail.length - 4) != checksum(tail, tail.length - 4)) {
      throw new IOException("the snapshot's tail is damaged");
    }
    List<Long> begun = new ArrayList<>();
    while (in.remaining() > 4) {
      begun.add(in.getLong());
    }
    return begun;
  }

  static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
