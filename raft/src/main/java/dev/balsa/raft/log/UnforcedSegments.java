package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the next force has to make durable: the current segment, those before it that the same batch
 * began in, and the folder when it has a new file. Chronicle's own {@code sync()} would miss the
 * latter two, and does not report errors.
 */
final class UnforcedSegments implements AutoCloseable {
  private final Path folder;
  private final int blockBytes;
  private final FileLayer files;

  /** In the order in which they were written. */
  private final List<OpenSegment> written = new ArrayList<>();

  private @Nullable OpenSegment current;
  private boolean folderChanged;

  UnforcedSegments(Path folder, int blockBytes, FileLayer files) {
    this.folder = folder;
    this.blockBytes = blockBytes;
    this.files = files;
  }

  /** From now on a new segment is written, whose file was put into the folder. */
  void begin(Segment segment) {
    try {
      OpenSegment before = current;
      if (before != null && !written.contains(before)) {
        before.close();
      }
      current = OpenSegment.open(segment.file(), blockBytes, files);
      folderChanged = true;
    } catch (IOException e) {
      throw new LogStoreException("The log segment " + segment.file() + " cannot be used: " + e, e);
    }
  }

  /** Writes into the current segment. */
  void write(ByteBuffer content, long offset) throws IOException {
    OpenSegment segment = Objects.requireNonNull(current, "no segment to write to");
    if (written.isEmpty() || !written.get(written.size() - 1).equals(segment)) {
      written.add(segment);
    }
    segment.write(content, offset);
  }

  /** Forces everything, in order. An error leaves all of it in doubt. */
  void force() throws IOException {
    for (OpenSegment segment : written) {
      if (segment.equals(current)) {
        segment.force();
      } else {
        segment.forceWhole(); // with Chronicle's mark at its end
      }
    }
    if (folderChanged) {
      files.forceDirectory(folder);
      folderChanged = false;
    }
    for (OpenSegment segment : written) {
      if (!segment.equals(current)) {
        segment.close();
      }
    }
    written.clear();
  }

  @Override
  public void close() {
    OpenSegment last = current;
    if (last != null && !written.contains(last)) {
      written.add(last);
    }
    for (OpenSegment segment : written) {
      try {
        segment.close();
      } catch (IOException e) {
        throw new LogStoreException(
            "The log segment " + segment.file() + " cannot be closed: " + e, e);
      }
    }
    written.clear();
    current = null;
  }
}
