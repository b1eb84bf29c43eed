package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads entries by positional reads, from any thread and at the same time: they see what was
 * written through Chronicle's mapping, fault on nothing, and report a bad disk as an exception.
 * Every entry's checksum, index and term are checked.
 *
 * <p>A FileChannel is closed when a thread is interrupted that reads from it. An interrupt must
 * neither fail the read nor disturb other readers: whoever finds the channel closed opens it anew,
 * and an interrupt is put off until the read is done.
 */
final class SegmentReader implements AutoCloseable {
  private static final int OPEN_FILES_MAX = 32;

  /** Entries that lie closer together are read at once. */
  private static final int GAP_BYTES_MAX = 4096;

  private static final int SPAN_BYTES_MAX = 8 << 20;

  private final Map<Integer, Path> files = new HashMap<>();
  private final Map<Integer, FileChannel> open = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /** Makes a segment known. */
  synchronized void add(Segment segment) {
    files.put(segment.cycle(), segment.file());
  }

  /** Forgets a segment, whose file is about to go. */
  synchronized void remove(int cycle) throws IOException {
    files.remove(cycle);
    FileChannel channel = open.remove(cycle);
    if (channel != null) {
      channel.close();
    }
  }

  /**
   * Reads entries.
   *
   * @throws LogStoreException if the file cannot be read, or holds something else
   */
  List<Entry> read(LogIndex.Places places) {
    List<EntryRun> runs = places.runs();
    RunDecoder decoder = new RunDecoder(places);
    boolean more = true;
    for (int first = 0; more && first < runs.size(); ) {
      int end = first + 1;
      while (end < runs.size() && joins(runs.get(first), runs.get(end - 1), runs.get(end))) {
        end++;
      }
      more = readSpan(runs.subList(first, end), decoder);
      first = end;
    }
    return decoder.entries();
  }

  /** Whether a run is read together with those before it. */
  private static boolean joins(EntryRun first, EntryRun last, EntryRun next) {
    int gap = next.offset() - last.end();
    return next.cycle() == first.cycle()
        && gap >= 0
        && gap <= GAP_BYTES_MAX
        && next.end() - first.offset() <= SPAN_BYTES_MAX;
  }

  private boolean readSpan(List<EntryRun> runs, RunDecoder decoder) {
    int cycle = runs.get(0).cycle();
    int offset = runs.get(0).offset();
    ByteBuffer bytes =
        ByteBuffer.allocate(runs.get(runs.size() - 1).end() - offset)
            .order(ByteOrder.LITTLE_ENDIAN);
    readFully(cycle, offset, bytes);
    Path file = file(cycle);
    for (EntryRun run : runs) {
      if (!decoder.take(run, bytes, run.offset() - offset, file)) {
        return false;
      }
    }
    return true;
  }

  private void readFully(int cycle, int offset, ByteBuffer into) {
    boolean interrupted = false;
    try {
      while (into.hasRemaining()) {
        interrupted |= Thread.interrupted();
        try {
          if (channel(cycle).read(into, offset + (long) into.position()) < 0) {
            throw new LogStoreException(
                "The log segment "
                    + file(cycle)
                    + " has become shorter than "
                    + (offset + into.limit())
                    + " bytes: something else has written to it.");
          }
        } catch (ClosedChannelException e) {
          // By an interrupt, of this thread or another one, or to keep few files open: once more.
        }
      }
    } catch (IOException e) {
      throw new LogStoreException("The log segment " + file(cycle) + " cannot be read: " + e, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized FileChannel channel(int cycle) throws IOException {
    if (closed) {
      throw new LogStoreException("The log is closed.");
    }
    FileChannel channel = open.get(cycle);
    if (channel == null || !channel.isOpen()) {
      channel = FileChannel.open(file(cycle), StandardOpenOption.READ);
      open.put(cycle, channel);
      if (open.size() > OPEN_FILES_MAX) {
        var eldest = open.entrySet().iterator();
        eldest.next().getValue().close();
        eldest.remove();
      }
    }
    return channel;
  }

  private synchronized Path file(int cycle) {
    return Objects.requireNonNull(files.get(cycle), () -> "no segment " + cycle);
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (FileChannel channel : open.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new LogStoreException("A log segment cannot be closed: " + e, e);
      }
    }
    open.clear();
  }
}
