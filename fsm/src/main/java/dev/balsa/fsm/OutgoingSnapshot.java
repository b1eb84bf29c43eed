package dev.balsa.fsm;

import dev.balsa.raft.Snapshots;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.MainFileReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot that is being sent: head, main files, tail ({@link SnapshotFormat}).
 *
 * <p>The main files change while they are read, so the same offset may yield other bytes when it is
 * read again. That does no harm as long as the tail, which tells up to where the receiver must
 * redo, is made after the last of these reads. What was read last is kept, and given again
 * unchanged to who asks again; if somebody goes back further once there is a tail, the sending must
 * begin anew.
 */
final class OutgoingSnapshot implements Snapshots.Source {
  private static final Logger log = LoggerFactory.getLogger(OutgoingSnapshot.class);

  /** More than what Raft has on its way to one receiver. */
  private static final long KEPT_BYTES = 8 << 20;

  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private final Path folder;
  private final Catalogue catalogue;
  private final EngineDecisions decisions;
  private final List<DatabaseRecord> records;
  private final Activities.Running activity;
  private final byte[] head;
  private final long tailAt;
  private final Deque<Kept> kept = new ArrayDeque<>();
  private long keptBytes;
  private byte @Nullable [] tail;
  private @Nullable MainFileReader reader;
  private @Nullable DatabaseRecord readerOf;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private long toldNanos = System.nanoTime();

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Kept(long offset, byte[] content) {}

  OutgoingSnapshot(
      Path folder,
      Catalogue catalogue,
      EngineDecisions decisions,
      SnapshotFormat.Head content,
      Activities.Running activity) {
    this.folder = folder;
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.records = content.records();
    this.activity = activity;
    this.head = SnapshotFormat.encodeHead(content);
    this.tailAt = head.length + records.stream().mapToLong(DatabaseRecord::bytes).sum();
  }

  @Override
  public Part read(long offset, int bytesMax) throws IOException {
    long end = tailAt + SnapshotFormat.tailBytes(records.size());
    if (offset < 0 || offset >= end) {
      throw new IOException("offset " + offset + " of " + end);
    }
    byte[] content = keptAt(offset, bytesMax);
    if (content == null) {
      if (tail != null && offset < tailAt) {
        throw new IOException("it was read to its end, and is asked for at " + offset + " again");
      }
      content = fresh(offset, (int) Math.min(bytesMax, end - offset));
      kept.addLast(new Kept(offset, content));
      keptBytes += content.length;
      while (keptBytes > KEPT_BYTES) {
        keptBytes -= kept.removeFirst().content().length;
      }
    }
    tell(offset, end);
    return new Part(content, offset + content.length == end);
  }

  private byte @Nullable [] keptAt(long offset, int bytesMax) {
    for (Kept each : kept) {
      int skip = (int) Math.min(Integer.MAX_VALUE, offset - each.offset());
      if (skip >= 0 && skip < each.content().length) {
        return Arrays.copyOfRange(
            each.content(), skip, Math.min(each.content().length, skip + bytesMax));
      }
    }
    return null;
  }

  private void tell(long offset, long end) {
    long now = System.nanoTime();
    if (now - toldNanos > PROGRESS_NANOS) {
      toldNanos = now;
      log.info("snapshot: {} of {} MiB sent", offset >> 20, end >> 20);
    }
  }

  private byte[] fresh(long offset, int bytes) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(bytes);
    long at = offset;
    if (at < head.length) {
      at += put(out, head, (int) at);
    }
    long from = head.length;
    for (DatabaseRecord record : records) {
      long to = from + record.bytes();
      if (out.hasRemaining() && at < to) {
        int length = (int) Math.min(out.remaining(), to - at);
        readMainFile(record, at - from, length, out);
        at += length;
      }
      from = to;
    }
    if (out.hasRemaining()) {
      put(out, tail(), (int) (at - tailAt));
    }
    return out.array();
  }

  private static int put(ByteBuffer out, byte[] from, int at) {
    int length = Math.min(out.remaining(), from.length - at);
    out.put(from, at, length);
    return length;
  }

  private void readMainFile(DatabaseRecord record, long position, int length, ByteBuffer out)
      throws IOException {
    if (buffer.capacity() < length) {
      buffer = ByteBuffer.allocateDirect(length);
    }
    buffer.clear().limit(length);
    try {
      readerOf(record).read(position, buffer);
    } catch (SqliteException e) {
      throw new IOException("database '" + record.name() + "': " + e.getMessage(), e);
    }
    out.put(buffer.flip());
  }

  private MainFileReader readerOf(DatabaseRecord record) throws IOException {
    MainFileReader open = reader;
    if (open == null || !record.equals(readerOf)) {
      closeReader();
      requirePresent(record);
      open = MainFileReader.open(folder.resolve(record.name().value()));
      reader = open;
      readerOf = record;
      requirePresent(record); // it was that one's file, if nobody has replaced it up to now
    }
    return open;
  }

  private DatabaseRecord requirePresent(DatabaseRecord record) throws IOException {
    DatabaseRecord present = catalogue.state().databases().get(record.name());
    if (present == null || present.incarnation() != record.incarnation()) {
      throw new IOException("database '" + record.name() + "' was dropped while it was sent");
    }
    return present;
  }

  private byte[] tail() throws IOException {
    byte[] made = tail;
    if (made == null) {
      List<Long> begun = new ArrayList<>();
      for (DatabaseRecord record : records) {
        begun.add(decisions.begun(requirePresent(record)));
      }
      made = SnapshotFormat.encodeTail(begun);
      tail = made;
    }
    return made;
  }

  private void closeReader() {
    MainFileReader open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    closeReader();
    activity.close();
  }
}
