package dev.balsa.node;

import dev.balsa.fsm.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Prints rates of autocommit inserts on three nodes in this process: a rough figure, for comparing
 * one state of the code with another. Arguments: an empty folder, seconds a case, and the numbers
 * of threads; the first case is warm-up.
 */
final class InsertRates {
  private InsertRates() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[0]));
    long seconds = Long.parseLong(args[1]);
    try (LocalCluster cluster = new LocalCluster(folder, 3)) {
      BalsaNode leader = cluster.leader();
      try (Session session = leader.session("app")) {
        session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      }
      for (int i = 2; i < args.length; i++) {
        measure(leader, Integer.parseInt(args[i]), seconds);
      }
    }
  }

  private static void measure(BalsaNode leader, int threads, long seconds) throws Exception {
    long entriesBefore = leader.status().lastIndex();
    long begin = System.nanoTime();
    long end = begin + TimeUnit.SECONDS.toNanos(seconds);
    List<long[]> latencies = new ArrayList<>();
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Thread thread =
          new Thread(
              () -> {
                long[] own = run(leader, end);
                synchronized (latencies) {
                  latencies.add(own);
                }
              });
      thread.start();
      all.add(thread);
    }
    for (Thread thread : all) {
      thread.join();
    }
    double took = (System.nanoTime() - begin) / 1e9;
    long[] sorted = latencies.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "INSERTS threads=%d rate=%.0f/s p50=%dus p99=%dus entries=%d (%.1f transactions an entry)%n",
        threads,
        sorted.length / took,
        sorted[sorted.length / 2] / 1000,
        sorted[sorted.length * 99 / 100] / 1000,
        leader.status().lastIndex() - entriesBefore,
        (double) sorted.length / (leader.status().lastIndex() - entriesBefore));
  }

  private static long[] run(BalsaNode leader, long end) {
    long[] latencies = new long[1 << 17];
    int count = 0;
    String value = "x".repeat(90);
    try (Session session = leader.session("app")) {
      for (long now = System.nanoTime(); now < end && count < latencies.length; ) {
        session.execute("INSERT INTO t(v) VALUES (?)", value);
        long then = System.nanoTime();
        latencies[count++] = then - now;
        now = then;
      }
    }
    return Arrays.copyOf(latencies, count);
  }
}
