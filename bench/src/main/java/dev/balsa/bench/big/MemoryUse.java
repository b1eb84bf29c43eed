package dev.balsa.bench.big;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What memory this process takes, in MiB.
 *
 * @param heapPeak the most that the heap's pools have held together, each at its own highest
 * @param anonymous resident and not backed by a file: heap, JVM and SQLite's caches, but no mapped
 *     segments of the log
 */
record MemoryUse(long heapPeak, long anonymous) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ANONYMOUS = "RssAnon:";

  static MemoryUse now() throws IOException {
    long heap =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage == null ? 0 : usage.getUsed())
            .sum();
    return new MemoryUse(heap >> 20, anonymousKiB() >> 10);
  }

  private static long anonymousKiB() throws IOException {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(ANONYMOUS)) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
