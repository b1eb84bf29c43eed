package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import java.io.IOException;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import net.openhft.chronicle.wire.Wire;
import org.jspecify.annotations.Nullable;

/**
 * The Chronicle queue that excerpts are appended to. All of Chronicle is behind this class, and
 * nothing of it may be touched before {@link JdkPackages#open()}. It only ever sees files that this
 * process has made. Calls must not overlap; they may come from several threads.
 */
final class SegmentAppender implements AutoCloseable {
  /**
   * What Chronicle may add to a segment besides our excerpts: headers, an index array of 2048 longs
   * now and then, and the mark at the end.
   */
  private static final int CHRONICLE_BYTES_MAX = 32 << 10;

  /** What of that lies before a segment's first excerpt, at most. */
  static final int BEGINNING_BYTES = 36 << 10;

  /** What Chronicle may add behind it for some 30,000 excerpts, at most. */
  static final int INDEX_BYTES = 18 << 10;

  static final int HEADER_BYTES = 4;
  private static final int METADATA_BYTES = 128 << 10;

  private final int blockBytes;

  /** Kept free in every segment, so that a log without room can still be compacted. */
  private final int reserveBytes;

  private final SizeRollCycle rollCycle;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private int cycle;

  /**
   * Opens a queue in a folder without any segment. {@link #rollTo} comes before the first excerpt.
   */
  static SegmentAppender open(Path folder, LogStoreConfig config, int firstCycle)
      throws IOException {
    // Chronicle would make this file sparse, and fault on it when the disk is full.
    config.files().createZeros(folder.resolve(Segment.METADATA), METADATA_BYTES, METADATA_BYTES);
    return new SegmentAppender(folder, config.blockBytes(), firstCycle);
  }

  private SegmentAppender(Path folder, int blockBytes, int firstCycle) {
    this.blockBytes = blockBytes;
    reserveBytes = Math.min(1 << 20, blockBytes / 16);
    rollCycle = new SizeRollCycle(firstCycle);
    queue =
        SingleChronicleQueueBuilder.binary(folder)
            .rollCycle(rollCycle)
            .blockSize(blockBytes)
            .checkInterrupts(false) // an interrupt must not tear a batch
            .build();
    queue.singleThreadedCheckDisabled(true);
    appender = queue.createAppender();
    appender.singleThreadedCheckDisabled(true);
  }

  /** Whether an excerpt still fits into a block that is written up to {@code end}. */
  boolean fits(int end, int excerptBytes) {
    return (long) end + HEADER_BYTES + excerptBytes + CHRONICLE_BYTES_MAX + reserveBytes
        <= blockBytes;
  }

  /** The same for an excerpt that may use what is kept free in every segment. */
  boolean fitsReserve(int end, int excerptBytes) {
    return (long) end + HEADER_BYTES + excerptBytes + CHRONICLE_BYTES_MAX <= blockBytes;
  }

  /** The next excerpt goes to that segment, whose file of zeros is in place. */
  void rollTo(int next) {
    Invariant.check(next > cycle, "roll from segment %d to %d", cycle, next);
    rollCycle.rollTo(next);
    cycle = next;
  }

  /**
   * Appends an excerpt: Chronicle makes the place for it and says when it is complete, and in
   * between it is written into the file, which costs less than to store it through the mapping,
   * where every page is a page fault and is write-protected anew by every force. After an exception
   * the segment's end is in an unknown state.
   *
   * @param files writes it
   * @return the offset in the segment's file at which its first record begins
   */
  int append(Excerpt excerpt, SegmentFiles files) throws IOException {
    int length = excerpt.length();
    int offset = write(excerpt, length, files);
    // Trust is good: a document that was rolled back, or written elsewhere, would go unnoticed.
    Invariant.check(appender.cycle() == cycle, "in segment %d, not %d", appender.cycle(), cycle);
    Wire wire = appender.wire();
    Invariant.check(wire != null, "no wire after an append");
    int header = wire.bytes().readVolatileInt(offset - HEADER_BYTES);
    Invariant.check(header == length, "document header %x for %d bytes", header, length);
    return offset;
  }

  private int write(Excerpt excerpt, int length, SegmentFiles files) throws IOException {
    try (DocumentContext document = appender.writingDocument()) {
      try {
        @Nullable Wire wire = document.wire();
        Invariant.check(wire != null, "a document without a wire");
        Bytes<?> bytes = wire.bytes();
        long offset = bytes.writePosition();
        Invariant.check(
            offset + length + HEADER_BYTES <= blockBytes,
            "%d bytes at %d would leave the block of %d",
            length,
            offset,
            blockBytes);
        files.write(excerpt.bytesFor(cycle, (int) offset), offset);
        bytes.writePosition(offset + length);
        return (int) offset;
      } catch (Throwable e) {
        document.rollbackOnClose();
        throw e;
      }
    }
  }

  @Override
  public void close() {
    appender.close();
    queue.close();
  }
}
