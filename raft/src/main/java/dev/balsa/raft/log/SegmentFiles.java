package dev.balsa.raft.log;

import dev.balsa.raft.core.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The segments of an open log: which there are, how large they are, what of them is not yet forced.
 * Reading is for any thread, the rest for the appending one.
 */
final class SegmentFiles implements AutoCloseable {
  private final Path folder;
  private final LogStoreConfig config;
  private final SpareSegment spare;
  private final UnforcedSegments unforced;
  private final SegmentReader reader = new SegmentReader();
  private final TreeMap<Integer, SizedFile> files = new TreeMap<>();
  private final AtomicLong bytes = new AtomicLong();

  private record SizedFile(Path file, long bytes) {}

  SegmentFiles(Path folder, LogStoreConfig config, SpareSegment spare, List<Segment> sealed)
      throws IOException {
    this.folder = folder;
    this.config = config;
    this.spare = spare;
    unforced = new UnforcedSegments(folder, config.blockBytes(), config.files());
    for (Segment segment : sealed) {
      add(segment, Files.size(segment.file()));
    }
  }

  private void add(Segment segment, long size) {
    files.put(segment.cycle(), new SizedFile(segment.file(), size));
    bytes.addAndGet(size);
    reader.add(segment);
  }

  /** From now on that segment is written, whose file was put into the folder. */
  void begin(Segment segment) {
    add(segment, config.blockBytes());
    unforced.begin(segment);
  }

  /** Writes into the current segment. */
  void write(ByteBuffer content, long offset) throws IOException {
    unforced.write(content, offset);
  }

  /** Makes all that was written durable. An error leaves it in doubt. */
  void force() throws IOException {
    unforced.force();
  }

  /** Whether there are segments before that one. */
  boolean hasBefore(int cycle) {
    return !files.headMap(cycle).isEmpty();
  }

  /**
   * Deletes segments, the oldest first, durably, or lets them become spares. What makes them
   * superfluous must be durable, and nobody read them any more.
   *
   * @param fromCycle first one to go, if it exists
   * @param toCycle first one to stay
   */
  void delete(int fromCycle, int toCycle) throws IOException {
    var going = files.subMap(fromCycle, toCycle);
    if (going.isEmpty()) {
      return;
    }
    for (var iterator = going.entrySet().iterator(); iterator.hasNext(); ) {
      var next = iterator.next();
      reader.remove(next.getKey());
      if (!spare.retire(next.getValue().file())) {
        config.files().delete(next.getValue().file());
      }
      bytes.addAndGet(-next.getValue().bytes());
      iterator.remove();
    }
    config.files().forceDirectory(folder);
    spare.compacted();
  }

  List<Entry> read(LogIndex.Places places) {
    return reader.read(places);
  }

  long bytes() {
    return bytes.get();
  }

  @Override
  public void close() {
    unforced.close();
    reader.close();
  }
}
