package dev.balsa.raft.log;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * Compares an append and its force with the least that the disk allows: a positional write into a
 * preallocated file, and {@code fdatasync}. The two take turns, so that what else the machine does
 * befalls both. Arguments: a folder that does not exist, bytes of an entry, number of entries.
 */
public final class AppendForceComparison {
  private AppendForceComparison() {}

  /** Prints microseconds: the quartiles of both, and the ratio of the medians. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectory(Path.of(args[0]));
    int bytes = Integer.parseInt(args[1]);
    int count = Integer.parseInt(args[2]);
    double[] plain = new double[count];
    double[] store = new double[count];
    Path file = folder.resolve("plain");
    long size = LogStoreConfig.BLOCK_BYTES_DEFAULT;
    FileLayer.system().createZeros(file, size, size);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        ChronicleLogStore log =
            ChronicleLogStore.open(folder.resolve("log"), LogStoreConfig.of(1))) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
      long at = 0;
      for (int i = 0; i < count; i++) {
        buffer.clear();
        long start = System.nanoTime();
        at = (at + channel.write(buffer, at)) % (size - bytes);
        channel.force(false);
        plain[i] = (System.nanoTime() - start) / 1e3;
        List<Entry> entries = LogFixture.entries(i + 1, i + 1, 1, bytes);
        start = System.nanoTime();
        log.append(new HardState(1, 1, i), entries);
        log.force();
        store[i] = (System.nanoTime() - start) / 1e3;
      }
    }
    print("write + fdatasync", plain);
    print("append + force", store);
    System.out.printf("ratio of medians: %.2f%n", store[count / 2] / plain[count / 2]);
  }

  private static void print(String what, double[] micros) {
    Arrays.sort(micros);
    int count = micros.length;
    System.out.printf(
        "%-18s %6.0f %6.0f %6.0f us%n",
        what, micros[count / 4], micros[count / 2], micros[count * 3 / 4]);
  }
}
