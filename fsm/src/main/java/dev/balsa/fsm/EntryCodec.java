package dev.balsa.fsm;

import dev.balsa.raft.core.Entry;
import dev.balsa.sqlite.wal.PageImage;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands as bytes, big-endian.
 *
 * <pre>
 *   u8 version (1) | u8 kind | u8 name length | name
 *   kind 1, create:  pages
 *   kind 2, commit:  i64 incarnation | i32 part | i32 parts
 *                    | i64 term, i64 counter | i64 term, i64 counter of the predecessor
 *                    | i64 checksum before | i64 checksum after | i32 database size in pages | pages
 *   kind 3, drop:    i64 incarnation
 *   pages:           i32 page size | i32 count | count times: i32 page number, {@link PageEncoding}
 * </pre>
 *
 * <p>Whatever the pages' encoding saves, an entry holds no more of them than would fit into it raw:
 * so what an entry takes when decoded is bounded too, and the parts of a transaction can be counted
 * before any is encoded.
 */
final class EntryCodec {
  static final int VERSION = 1;
  private static final int KIND_CREATE = 1;
  private static final int KIND_COMMIT = 2;
  private static final int KIND_DROP = 3;
  private static final int PAGES_HEADER_BYTES = 8;
  private static final int PAGE_NUMBER_BYTES = 4;
  private static final int COMMIT_HEADER_BYTES = 8 + 4 + 4 + 16 + 16 + 8 + 8 + 4;

  private EntryCodec() {}

  /** Encodes the creation of a database. */
  static byte[] encodeCreate(DatabaseName database, int pageSize, List<PageImage> pages) {
    byte[] name = database.value().getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out =
        ByteBuffer.allocate(
            3
                + name.length
                + PAGES_HEADER_BYTES
                + Math.multiplyExact(pages.size(), pageBytesMax(pageSize)));
    putHeader(out, KIND_CREATE, name);
    putPages(out, pageSize, pages);
    return bytes(out);
  }

  private static int pageBytesMax(int pageSize) {
    return PAGE_NUMBER_BYTES + PageEncoding.bytesMax(pageSize);
  }

  private static byte[] bytes(ByteBuffer out) {
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /** Encodes the end of a database. */
  static byte[] encodeDrop(DatabaseName database, long incarnation) {
    byte[] name = database.value().getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(3 + name.length + Long.BYTES);
    putHeader(out, KIND_DROP, name);
    return out.putLong(incarnation).array();
  }

  /**
   * Encodes a transaction in as many parts as the bound on an entry asks for.
   *
   * @param payloadBytesMax bound on each part, at most {@link Entry#PAYLOAD_BYTES_MAX}
   */
  static List<byte[]> encodeCommit(
      DatabaseName database,
      long incarnation,
      int pageSize,
      Command.Transaction transaction,
      int payloadBytesMax) {
    CommitParts parts = parts(database, incarnation, pageSize, transaction, payloadBytesMax);
    List<byte[]> payloads = new ArrayList<>(parts.count());
    for (int part = 0; part < parts.count(); part++) {
      payloads.add(parts.encode(part));
    }
    return payloads;
  }

  /** As {@link #encodeCommit}, but each part is encoded when it is asked for. */
  static CommitParts parts(
      DatabaseName database,
      long incarnation,
      int pageSize,
      Command.Transaction transaction,
      int payloadBytesMax) {
    byte[] name = database.value().getBytes(StandardCharsets.US_ASCII);
    int headerBytes = 3 + name.length + COMMIT_HEADER_BYTES + PAGES_HEADER_BYTES;
    int pagesPerPart = (payloadBytesMax - headerBytes) / pageBytesMax(pageSize);
    return new CommitParts(name, incarnation, pageSize, transaction, headerBytes, pagesPerPart);
  }

  /** A transaction, cut into parts. */
  @SuppressWarnings("ArrayRecordComponent") // private to this class, never compared
  record CommitParts(
      byte[] name,
      long incarnation,
      int pageSize,
      Command.Transaction transaction,
      int headerBytes,
      int pagesPerPart) {
    /** How many parts there are, at least one. */
    int count() {
      return Math.max(1, (transaction.pages().size() + pagesPerPart - 1) / pagesPerPart);
    }

    /** Encodes one of them, from 0. */
    byte[] encode(int part) {
      List<PageImage> pages = transaction.pages();
      List<PageImage> own =
          pages.subList(part * pagesPerPart, Math.min(pages.size(), (part + 1) * pagesPerPart));
      ByteBuffer out = ByteBuffer.allocate(headerBytes + own.size() * pageBytesMax(pageSize));
      putHeader(out, KIND_COMMIT, name);
      out.putLong(incarnation).putInt(part).putInt(count());
      putId(out, transaction.id());
      putId(out, transaction.predecessor());
      out.putLong(transaction.checksumBefore()).putLong(transaction.checksumAfter());
      out.putInt(transaction.databasePages());
      putPages(out, pageSize, own);
      return bytes(out);
    }
  }

  /**
   * Decodes a command. The pages share the payload's bytes.
   *
   * @throws UnreadableEntryException if the payload is of another version or malformed
   */
  static Command decode(byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload);
    try {
      int version = in.get() & 0xff;
      if (version != VERSION) {
        throw new UnreadableEntryException(
            "the log holds an entry of format version "
                + version
                + ", and this version of Balsa reads version "
                + VERSION
                + ": start the node with the version that wrote it");
      }
      int kind = in.get() & 0xff;
      byte[] name = new byte[in.get() & 0xff];
      in.get(name);
      DatabaseName database = new DatabaseName(new String(name, StandardCharsets.US_ASCII));
      Command command =
          switch (kind) {
            case KIND_CREATE -> {
              List<PageImage> pages = new ArrayList<>();
              int pageSize = getPages(in, pages);
              yield new Command.Create(database, pageSize, pages);
            }
            case KIND_COMMIT -> getCommit(in, database);
            case KIND_DROP -> new Command.Drop(database, in.getLong());
            default -> throw new UnreadableEntryException("unknown kind of command " + kind);
          };
      if (in.hasRemaining()) {
        throw new UnreadableEntryException(in.remaining() + " bytes after a command's end");
      }
      return command;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new UnreadableEntryException("malformed command: " + e.getMessage(), e);
    }
  }

  private static Command.Commit getCommit(ByteBuffer in, DatabaseName database) {
    long incarnation = in.getLong();
    int part = in.getInt();
    int parts = in.getInt();
    if (part < 0 || part >= parts) {
      throw new UnreadableEntryException("part " + part + " of " + parts);
    }
    EntryId id = getId(in);
    EntryId predecessor = getId(in);
    long checksumBefore = in.getLong();
    long checksumAfter = in.getLong();
    int databasePages = in.getInt();
    if (databasePages < 1) {
      throw new UnreadableEntryException("database size of " + databasePages + " pages");
    }
    List<PageImage> pages = new ArrayList<>();
    getPages(in, pages);
    return new Command.Commit(
        database,
        incarnation,
        part,
        parts,
        new Command.Transaction(
            id, predecessor, checksumBefore, checksumAfter, databasePages, pages));
  }

  private static void putHeader(ByteBuffer out, int kind, byte[] name) {
    out.put((byte) VERSION).put((byte) kind).put((byte) name.length).put(name);
  }

  private static void putId(ByteBuffer out, EntryId id) {
    out.putLong(id.term()).putLong(id.counter());
  }

  private static EntryId getId(ByteBuffer in) {
    return new EntryId(in.getLong(), in.getLong());
  }

  private static void putPages(ByteBuffer out, int pageSize, List<PageImage> pages) {
    out.putInt(pageSize).putInt(pages.size());
    for (PageImage page : pages) {
      PageEncoding.put(out.putInt(page.pageNumber()), page.content());
    }
  }

  private static int getPages(ByteBuffer in, List<PageImage> pages) {
    int pageSize = in.getInt();
    if (pageSize < 512 || pageSize > 65536 || Integer.bitCount(pageSize) != 1) {
      throw new UnreadableEntryException("page size " + pageSize);
    }
    int count = in.getInt();
    if (count < 0 || (long) count * pageSize > Entry.PAYLOAD_BYTES_MAX) {
      throw new UnreadableEntryException(count + " pages of " + pageSize + " bytes in one entry");
    }
    int previous = 0;
    for (int i = 0; i < count; i++) {
      int number = in.getInt();
      if (number <= previous) {
        throw new UnreadableEntryException("page " + number + " after page " + previous);
      }
      previous = number;
      pages.add(new PageImage(number, PageEncoding.get(in, number, pageSize)));
    }
    return pageSize;
  }
}
