package dev.balsa.fsm;

import dev.balsa.raft.Invariant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a node knows durably of a database's main file: with the log from {@code index + 1} to
 * {@code begun}, it is the database at {@code begun}. A checkpoint that has begun may have put any
 * of the pages up to there into the file.
 *
 * @param name the database
 * @param incarnation index of the entry that created it
 * @param pageSize in bytes
 * @param index the recorded index: the file holds at least what is committed up to it; no
 *     transaction that is complete later has a part at or below it
 * @param begun at least {@code index}: nothing that came later is in the file
 * @param received whether it came with a snapshot, and the log has not been applied up to {@code
 *     begun} since: only then may the log end before that, and before {@code index} too, which may
 *     be later than the snapshot's own
 * @param last the last transaction at {@code index}
 * @param pages size of the database at {@code index}, in pages
 * @param checksum its {@link DatabaseChecksum} at {@code index}
 */
record DatabaseRecord(
    DatabaseName name,
    long incarnation,
    int pageSize,
    long index,
    long begun,
    boolean received,
    EntryId last,
    int pages,
    long checksum) {
  private static final int FIXED_BYTES = 1 + 8 + 4 + 8 + 8 + 1 + 16 + 4 + 8;

  DatabaseRecord {
    Invariant.check(
        0 < incarnation && incarnation <= index && index <= begun && pages > 0 && pageSize > 0,
        "database %s of index %d at %d, begun %d: %d pages of %d bytes",
        name,
        incarnation,
        index,
        begun,
        pages,
        pageSize);
  }

  /** A checkpoint up to {@code to} is about to begin, or is being received. */
  DatabaseRecord begunTo(long to) {
    return with(Math.max(begun, to), received);
  }

  /** Received with a snapshot. */
  DatabaseRecord asReceived(long begunAtTheSender) {
    return with(begunAtTheSender, true);
  }

  private DatabaseRecord with(long begun, boolean received) {
    return new DatabaseRecord(
        name, incarnation, pageSize, index, begun, received, last, pages, checksum);
  }

  /** Size of the main file at {@link #index}. */
  long bytes() {
    return (long) pages * pageSize;
  }

  /** Length of {@link #encode}'s output. */
  int encodedBytes() {
    return FIXED_BYTES + name.value().length();
  }

  /** Big-endian, in the order of the components. */
  void encode(ByteBuffer out) {
    byte[] text = name.value().getBytes(StandardCharsets.US_ASCII);
    out.put((byte) text.length).put(text);
    out.putLong(incarnation).putInt(pageSize).putLong(index).putLong(begun);
    out.put((byte) (received ? 1 : 0));
    out.putLong(last.term()).putLong(last.counter()).putInt(pages).putLong(checksum);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws java.nio.BufferUnderflowException if it ends before
   * @throws IllegalArgumentException if there is no valid name
   */
  static DatabaseRecord decode(ByteBuffer in) {
    byte[] text = new byte[in.get() & 0xff];
    in.get(text);
    DatabaseName name = new DatabaseName(new String(text, StandardCharsets.US_ASCII));
    return new DatabaseRecord(
        name,
        in.getLong(),
        in.getInt(),
        in.getLong(),
        in.getLong(),
        in.get() != 0,
        new EntryId(in.getLong(), in.getLong()),
        in.getInt(),
        in.getLong());
  }
}
