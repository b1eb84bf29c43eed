package dev.balsa.raft.log;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares an append and its force with the least that the disk allows: a positional write into a
 * preallocated file, and {@code fdatasync}. The two take turns, so that what else the machine does
 * befalls both. Arguments: a folder that does not exist, bytes of an entry, number of rounds, sizes
 * of batches.
 */
public final class AppendForceComparison {
  private final int bytes;
  private final int rounds;
  private final FileChannel plainFile;
  private final ChronicleLogStore log;
  private long plainAt;
  private long last;

  private AppendForceComparison(int bytes, int rounds, FileChannel plain, ChronicleLogStore log) {
    this.bytes = bytes;
    this.rounds = rounds;
    this.plainFile = plain;
    this.log = log;
  }

  /** Prints microseconds: the quartiles of both, and the ratio of the medians. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectory(Path.of(args[0]));
    Path file = folder.resolve("plain");
    long size = LogStoreConfig.BLOCK_BYTES_DEFAULT;
    FileLayer.system().createZeros(file, size, size);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        ChronicleLogStore log =
            ChronicleLogStore.open(folder.resolve("log"), LogStoreConfig.of(1))) {
      AppendForceComparison comparison =
          new AppendForceComparison(
              Integer.parseInt(args[1]), Integer.parseInt(args[2]), channel, log);
      comparison.compare(64); // warms up
      for (int i = 3; i < args.length; i++) {
        comparison.print(Integer.parseInt(args[i]), comparison.compare(Integer.parseInt(args[i])));
      }
    }
  }

  /** Nanoseconds of: the plain write and force, the append, the append and force. */
  private long[][] compare(int batch) throws IOException {
    long[][] nanos = new long[3][rounds];
    ByteBuffer buffer = ByteBuffer.allocateDirect(batch * bytes);
    byte[] payload = new byte[bytes];
    for (int i = 0; i < rounds; i++) {
      long start = System.nanoTime();
      buffer.clear();
      for (int k = 0; k < batch; k++) {
        buffer.put(payload);
      }
      plainFile.write(buffer.flip(), plainAt);
      plainFile.force(false);
      nanos[0][i] = System.nanoTime() - start;
      plainAt = (plainAt + buffer.limit()) % (LogStoreConfig.BLOCK_BYTES_DEFAULT - (2 << 20));
      List<Entry> entries = new ArrayList<>(batch);
      for (int k = 0; k < batch; k++) {
        entries.add(new Entry(++last, 1, EntryType.COMMAND, payload));
      }
      start = System.nanoTime();
      log.append(new HardState(1, 1, last - batch), entries);
      nanos[1][i] = System.nanoTime() - start;
      log.force();
      nanos[2][i] = System.nanoTime() - start;
    }
    return nanos;
  }

  private void print(int batch, long[][] nanos) {
    for (long[] each : nanos) {
      Arrays.sort(each);
    }
    int middle = rounds / 2;
    System.out.printf(
        "%4d x %d bytes: write + fdatasync %5.0f (%.0f to %.0f) us, append %5.0f, append + force"
            + " %5.0f (%.0f to %.0f), ratio of medians %.2f%n",
        batch,
        bytes,
        nanos[0][middle] / 1e3,
        nanos[0][rounds / 4] / 1e3,
        nanos[0][rounds * 3 / 4] / 1e3,
        nanos[1][middle] / 1e3,
        nanos[2][middle] / 1e3,
        nanos[2][rounds / 4] / 1e3,
        nanos[2][rounds * 3 / 4] / 1e3,
        (double) nanos[2][middle] / nanos[0][middle]);
  }
}
