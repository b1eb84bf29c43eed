package dev.balsa.bench.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of entries in flight: as soon as one is done, the next is proposed, by the thread
 * that told of it. So the load has no threads that would compete with those of the system under
 * load, and adds no wakeup to a commit: what is measured is the system's own.
 *
 * <p>What is done before the lead-in has passed is not measured, nor what is done after the end.
 */
public final class ClosedLoop {
  private static final long DRAIN_SECONDS_MAX = 60;

  private final Proposer proposer;
  private final LongSupplier cpuNanos;
  private final int window;
  private final byte[] payload;
  private final CountDownLatch ended;
  private final CountDownLatch failed = new CountDownLatch(1);
  private final Histogram latencies = LoadReport.newHistogram();
  private long fromNanos;
  private long toNanos;
  private long done;
  private volatile @Nullable String failure;

  private ClosedLoop(Proposer proposer, LongSupplier cpuNanos, Shape shape) {
    this.proposer = proposer;
    this.cpuNanos = cpuNanos;
    this.window = shape.window();
    this.payload = new byte[shape.payloadBytes()];
    this.ended = new CountDownLatch(window);
  }

  /**
   * What load.
   *
   * @param window entries in flight, above 0
   * @param payloadBytes of each
   * @param leadInNanos how long it runs before it is measured
   * @param nanos how long it is measured
   */
  public record Shape(int window, int payloadBytes, long leadInNanos, long nanos) {}

  /**
   * Puts the load on, and waits until its last entry is done.
   *
   * @param cpuNanos tells the processor time that this process has taken so far
   * @throws LoadFailedException if an entry failed, or was not done a minute after the end
   */
  public static LoadReport run(Proposer proposer, LongSupplier cpuNanos, Shape shape)
      throws InterruptedException, LoadFailedException {
    ClosedLoop loop = new ClosedLoop(proposer, cpuNanos, shape);
    return loop.run(shape);
  }

  private LoadReport run(Shape shape) throws InterruptedException, LoadFailedException {
    fromNanos = System.nanoTime() + shape.leadInNanos();
    toNanos = fromNanos + shape.nanos();
    for (int i = 0; i < window; i++) {
      new Slot().propose(System.nanoTime());
    }
    await(fromNanos);
    long cpuBefore = cpuNanos.getAsLong();
    long doneBefore = done();
    await(toNanos);
    long cpu = cpuNanos.getAsLong() - cpuBefore;
    long cpuEntries = done() - doneBefore;
    if (failure == null && !ended.await(DRAIN_SECONDS_MAX, TimeUnit.SECONDS)) {
      failure = ended.getCount() + " entries were not answered";
    }
    String why = failure;
    if (why != null) {
      throw new LoadFailedException(why);
    }
    synchronized (this) {
      return new LoadReport(window, shape.nanos(), cpuEntries, cpu, latencies.copy());
    }
  }

  /** Waits for a point in time, or a failure. */
  private void await(long nanoTime) throws InterruptedException {
    boolean over = failed.await(nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    if (over && failure == null) {
      throw new IllegalStateException("failed of nothing");
    }
  }

  private synchronized long done() {
    return done;
  }

  /** Takes a latency; answers whether the load goes on. */
  private synchronized boolean done(long begunNanos, long nowNanos) {
    done++;
    if (nowNanos - toNanos >= 0) {
      return false;
    }
    if (nowNanos - fromNanos >= 0) {
      LoadReport.record(latencies, nowNanos - begunNanos);
    }
    return true;
  }

  /** One of the entries in flight, again and again. */
  private final class Slot implements Proposer.Completion {
    private long begunNanos;

    void propose(long nowNanos) {
      begunNanos = nowNanos;
      proposer.propose(payload.clone(), this);
    }

    @Override
    public void committed() {
      long now = System.nanoTime();
      if (done(begunNanos, now) && failure == null) {
        propose(now);
      } else {
        ended.countDown();
      }
    }

    @Override
    public void failed(String why) {
      failure = why;
      ended.countDown();
      failed.countDown();
    }
  }
}
