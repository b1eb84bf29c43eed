package dev.balsa.bench;

import dev.balsa.fsm.Session;
import dev.balsa.node.BalsaNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Writers in the leader's process, each with a session of its own, that insert one small row after
 * the other, each row as a transaction of its own. After the load the rows are counted: what was
 * acknowledged must be there.
 */
final class Load {
  private static final String DATABASE = "bench";
  private static final String CREATE =
      "CREATE TABLE IF NOT EXISTS load(id INTEGER PRIMARY KEY, writer INTEGER, text TEXT)";
  private static final String INSERT = "INSERT INTO load(writer, text) VALUES (?, ?)";

  /** With its header, its key and its writer, a row of about 100 bytes. */
  private static final String TEXT = "balsa is the light wood that rafts are built of ".repeat(2);

  private static final long LATENCY_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);

  private final BalsaNode node;

  Load(BalsaNode node) {
    this.node = node;
  }

  /** A writer's part: what was measured, and what was acknowledged in all. */
  private record Written(Histogram latencies, long acknowledged) {}

  /**
   * Runs a load, of which the first part is not measured.
   *
   * @throws RuntimeException what a writer's session threw
   * @throws IllegalStateException if rows are missing
   */
  LoadResult run(int writers, Duration warmUp, Duration measured) throws InterruptedException {
    long before = prepare();
    long from = System.nanoTime() + warmUp.toNanos();
    long to = from + measured.toNanos();
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    Histogram latencies = new Histogram(LATENCY_NANOS_MAX, 3);
    long acknowledged = 0;
    try {
      List<Callable<Written>> tasks = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        int writer = i;
        tasks.add(() -> write(writer, from, to));
      }
      for (Future<Written> done : threads.invokeAll(tasks)) {
        Written written = done.get();
        latencies.add(written.latencies());
        acknowledged += written.acknowledged();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a writer failed: " + e.getCause(), e);
    } finally {
      threads.shutdown();
    }
    long found = count() - before;
    if (found != acknowledged) {
      throw new IllegalStateException(
          acknowledged + " rows were acknowledged, but " + found + " are there");
    }
    return new LoadResult(
        writers,
        latencies.getTotalCount(),
        measured.toNanos(),
        latencies.getValueAtPercentile(50),
        latencies.getValueAtPercentile(99));
  }

  private long prepare() {
    try (Session session = node.session(DATABASE)) {
      session.execute(CREATE);
    }
    return count();
  }

  private long count() {
    try (Session session = node.session(DATABASE)) {
      return session.query("SELECT count(*) FROM load").get(0).getLong(0);
    }
  }

  private Written write(int writer, long from, long to) {
    Histogram latencies = new Histogram(LATENCY_NANOS_MAX, 3);
    long acknowledged = 0;
    try (Session session = node.session(DATABASE)) {
      long begun = System.nanoTime();
      while (begun - to < 0) {
        session.execute(INSERT, writer, TEXT);
        acknowledged++;
        long ended = System.nanoTime();
        if (begun - from >= 0 && ended - to <= 0) {
          latencies.recordValue(Math.min(ended - begun, LATENCY_NANOS_MAX));
        }
        begun = ended;
      }
    }
    return new Written(latencies, acknowledged);
  }
}
