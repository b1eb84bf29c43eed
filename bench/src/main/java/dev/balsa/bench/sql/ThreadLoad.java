package dev.balsa.bench.sql;

import dev.balsa.bench.load.LoadReport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Threads that each do one operation after the other, with a client of their own. */
final class ThreadLoad {
  private static final int GAPS_TOLD = 8;

  private final SqlCase which;
  private final Client.Source clients;
  private final long fromNanos;
  private final long toNanos;
  private volatile @Nullable String failure;

  private ThreadLoad(SqlCase which, Client.Source clients, long fromNanos, long toNanos) {
    this.which = which;
    this.clients = clients;
    this.fromNanos = fromNanos;
    this.toNanos = toNanos;
  }

  /**
   * Runs a load. A failed operation breaks it off.
   *
   * @param leadInNanos how long it runs before it is measured
   * @param nanos how long it is measured
   * @return what it came to; gaps by {@link System#nanoTime}
   */
  static SqlReport run(SqlCase which, Client.Source clients, long leadInNanos, long nanos)
      throws InterruptedException {
    long from = System.nanoTime() + leadInNanos;
    return new ThreadLoad(which, clients, from, from + nanos).run();
  }

  private SqlReport run() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(which.threads());
    Histogram latencies = LoadReport.newHistogram();
    Gaps gaps = new Gaps(fromNanos, toNanos);
    long calls = 0;
    long inserted = 0;
    long updated = 0;
    long inDoubt = 0;
    try {
      List<Future<Worker>> workers = new ArrayList<>();
      for (int i = 0; i < which.threads(); i++) {
        Worker worker = new Worker(i);
        workers.add(threads.submit(worker::run, worker));
      }
      for (Future<Worker> done : workers) {
        Worker worker = done.get();
        latencies.add(worker.latencies);
        gaps.add(worker.gaps);
        calls += worker.calls;
        inserted += worker.inserted;
        updated += worker.updated;
        inDoubt += worker.inDoubt;
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a worker failed: " + e.getCause(), e);
    } finally {
      threads.shutdown();
    }
    return new SqlReport(
        toNanos - fromNanos,
        which.operationsPerCall(),
        new SqlReport.Totals(calls, inserted, updated, inDoubt, 0),
        gaps.longest(GAPS_TOLD),
        latencies,
        failure);
  }

  /** One thread's part. */
  private final class Worker {
    private final int number;
    private final Draw draw;
    private final Histogram latencies = LoadReport.newHistogram();
    private final Gaps gaps = new Gaps(fromNanos, toNanos);
    private long calls;
    private long inserted;
    private long updated;
    private long inDoubt;

    Worker(int number) {
      this.number = number;
      this.draw = new Draw(number);
    }

    void run() {
      try (Client client = clients.open()) {
        long begun = System.nanoTime();
        while (begun - toNanos < 0 && failure == null) {
          call(client);
          calls++;
          long ended = System.nanoTime();
          if (ended - fromNanos >= 0 && ended - toNanos < 0) {
            LoadReport.record(latencies, ended - begun);
            gaps.acknowledged(ended);
          }
          begun = ended;
        }
      } catch (RuntimeException e) {
        // Others may have failed before; what is told is one of them.
        failure = String.valueOf(e instanceof Client.InDoubtException ? e.getCause() : e);
      }
    }

    private void call(Client client) {
      switch (which.work()) {
        case INSERT -> insert(client);
        case TRANSACTION -> {
          int item = draw.item();
          write(1, () -> client.transaction(number, draw.text(), item));
          updated++;
        }
        case BULK -> write(SqlCase.BULK_ROWS, () -> client.bulk(number, draw));
        case SELECT_STALE, SELECT_LINEARIZABLE -> client.select(draw.item());
        case MIXED -> {
          if (draw.oneOf(SqlCase.MIXED_INSERT_EVERY)) {
            insert(client);
          } else {
            client.select(draw.item());
          }
        }
      }
    }

    private void insert(Client client) {
      write(1, () -> client.insert(number, draw.text()));
    }

    private void write(int rows, Runnable call) {
      try {
        call.run();
      } catch (Client.InDoubtException e) {
        inDoubt += rows;
        throw e;
      }
      inserted += rows;
    }
  }
}
