package dev.balsa.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ClosedLoopTest {
  private final ExecutorService system = Executors.newSingleThreadExecutor();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong entries = new AtomicLong();

  @AfterEach
  void end() {
    system.shutdownNow();
  }

  /** Completes each entry on the system's thread. */
  private void complete(byte[] payload, Proposer.Completion completion) {
    most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    bytes.addAndGet(payload.length);
    entries.incrementAndGet();
    system.execute(
        () -> {
          inFlight.decrementAndGet();
          completion.committed();
        });
  }

  private static ClosedLoop.Shape shape(int window) {
    return new ClosedLoop.Shape(
        window, 100, TimeUnit.MILLISECONDS.toNanos(60), TimeUnit.MILLISECONDS.toNanos(400));
  }

  @Test
  void aWindowOfEntriesIsInFlightAndNeverMore() throws Exception {
    LoadReport report = ClosedLoop.run(this::complete, () -> 0, shape(16));
    assertThat(most).hasValue(16);
    assertThat(inFlight).hasValue(0);
    assertThat(report.window()).isEqualTo(16);
    assertThat(report.entries()).isPositive();
    assertThat(bytes.get()).isEqualTo(100 * entries.get());
  }

  @Test
  void whatIsDoneInTheLeadInOrAfterTheEndIsNotMeasured() throws Exception {
    LoadReport report = ClosedLoop.run(this::complete, () -> 0, shape(4));
    // A part of the time is lead-in; the thread may have run unevenly, but hardly so much.
    assertThat(report.entries()).isBetween(1L, entries.get() - 1);
    assertThat(report.nanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(400));
  }

  @Test
  void latencyIsFromProposalToCompletion() throws Exception {
    LoadReport report =
        ClosedLoop.run(
            (payload, completion) ->
                system.execute(
                    () -> {
                      long until = System.nanoTime() + 2_000_000;
                      while (System.nanoTime() - until < 0) {
                        Thread.onSpinWait();
                      }
                      completion.committed();
                    }),
            () -> 0,
            shape(2));
    // Two entries take turns on one thread: each waits for the other one, too.
    assertThat(report.latencies().getMinValue()).isGreaterThan(3_900_000);
    assertThat(report.entries()).isLessThanOrEqualTo(201);
  }

  @Test
  void processorTimeIsThatOfTheMeasuredPart() throws Exception {
    AtomicLong cpu = new AtomicLong(1_000_000);
    LoadReport report = ClosedLoop.run(this::complete, () -> cpu.addAndGet(500), shape(1));
    assertThat(report.cpuNanos()).isEqualTo(500);
    assertThat(report.cpuEntries()).isBetween(1L, entries.get());
  }

  @Test
  void anEntryThatFailsEndsTheLoadAtOnce() {
    AtomicInteger proposals = new AtomicInteger();
    Proposer refusing =
        (payload, completion) ->
            system.execute(
                () -> {
                  if (proposals.incrementAndGet() < 100) {
                    completion.committed();
                  } else {
                    completion.failed("not the leader");
                  }
                });
    long hour = TimeUnit.HOURS.toNanos(1);
    assertThatThrownBy(
            () -> ClosedLoop.run(refusing, () -> 0, new ClosedLoop.Shape(8, 100, hour, hour)))
        .isInstanceOf(LoadFailedException.class)
        .hasMessage("not the leader");
    assertThat(proposals).hasValueLessThan(120);
  }
}
