package dev.balsa.raft.log;

import dev.balsa.raft.LogStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
  private final FileLayer files;

  /** In the order in which they were written. */
  private final List<OpenFile> written = new ArrayList<>();

  private @Nullable OpenFile current;
  private boolean folderChanged;

  private record OpenFile(Path file, FileChannel channel) {}

  UnforcedSegments(Path folder, FileLayer files) {
    this.folder = folder;
    this.files = files;
  }

  /** From now on a new segment is written, whose file was put into the folder. */
  void begin(Segment segment) {
    try {
      OpenFile before = current;
      if (before != null && !written.contains(before)) {
        before.channel().close();
      }
      FileChannel channel = FileChannel.open(segment.file(), StandardOpenOption.WRITE);
      current = new OpenFile(segment.file(), channel);
      folderChanged = true;
    } catch (IOException e) {
      throw new LogStoreException("The log segment " + segment.file() + " cannot be used: " + e, e);
    }
  }

  /** Writes into the current segment. */
  void write(ByteBuffer content, long offset) throws IOException {
    OpenFile file = Objects.requireNonNull(current, "no segment to write to");
    if (written.isEmpty() || !written.get(written.size() - 1).equals(file)) {
      written.add(file);
    }
    files.write(file.file(), file.channel(), content, offset);
  }

  /** Forces everything, in order. An error leaves all of it in doubt. */
  void force() throws IOException {
    for (OpenFile file : written) {
      files.force(file.file(), file.channel());
    }
    if (folderChanged) {
      files.forceDirectory(folder);
      folderChanged = false;
    }
    for (OpenFile file : written) {
      if (!file.equals(current)) {
        file.channel().close();
      }
    }
    written.clear();
  }

  @Override
  public void close() {
    OpenFile last = current;
    if (last != null && !written.contains(last)) {
      written.add(last);
    }
    for (OpenFile file : written) {
      try {
        file.channel().close();
      } catch (IOException e) {
        throw new LogStoreException(
            "The log segment " + file.file() + " cannot be closed: " + e, e);
      }
    }
    written.clear();
    current = null;
  }
}
