package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentReadTest {
  @TempDir Path folder;

  @Test
  @Timeout(120)
  void readersSeeWholeEntriesWhileTheLogIsAppendedToAndRolls() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    LogStoreConfig config = TINY.withFiles(new FastFiles());
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, config)) {
      log.append(new HardState(1, 1, 0), entries(1, 1, 1, 100));
      List<Future<Long>> reads = new ArrayList<>();
      for (int reader = 0; reader < 2; reader++) {
        long seed = reader;
        Callable<Long> task = () -> readUntil(done, log, new Random(seed));
        reads.add(readers.submit(task));
      }
      for (int i = 0; i < 3000; i++) {
        long next = log.lastIndex() + 1;
        log.append(new HardState(1, 1, 0), entries(next, next + i % 3, 1, i % 1500));
      }
      done.set(true);
      for (Future<Long> read : reads) {
        assertThat(read.get()).isPositive();
      }
    } finally {
      done.set(true);
      readers.shutdown();
      assertThat(readers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static long readUntil(AtomicBoolean done, ChronicleLogStore log, Random random) {
    long read = 0;
    do {
      long last = log.lastIndex();
      long from = 1 + random.nextLong(last);
      if (random.nextInt(50) == 0) {
        Thread.currentThread().interrupt(); // closes a channel that the other one reads from
      }
      List<Entry> entries = log.read(from, last, 10_000);
      if (random.nextInt(50) == 0) {
        assertThat(Thread.interrupted()).isIn(true, false);
      }
      for (Entry entry : entries) {
        assertThat(entry.index()).isEqualTo(from++);
        assertThat(entry).isEqualTo(LogFixture.entry(entry.index(), 1, entry.payload().length));
        assertThat(log.term(entry.index())).isEqualTo(1);
      }
      read += entries.size();
    } while (!done.get());
    return read;
  }
}
