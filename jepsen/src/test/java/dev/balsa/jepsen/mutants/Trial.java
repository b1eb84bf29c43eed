package dev.balsa.jepsen.mutants;

import dev.balsa.jepsen.run.Coverage;
import dev.balsa.jepsen.run.Settings;
import dev.balsa.jepsen.workload.ReadLevel;
import java.time.Duration;
import java.util.List;

/**
 * What a mutant is put through.
 *
 * @param workload its name
 * @param fault its name
 * @param interval seconds of peace, and of a fault
 * @param seconds of work
 * @param rate operations in a second
 * @param clients how many
 * @param readLevel what reads promise
 * @param disk {@code plain} or {@code ext4}
 * @param snapshotEvery pages from one checkpoint to the next; 0 for the product's default
 */
record Trial(
    String workload,
    String fault,
    double interval,
    double seconds,
    int rate,
    int clients,
    ReadLevel readLevel,
    String disk,
    int snapshotEvery) {
  static final int NODES = 3;

  /** So few that only a run in which the cluster does not work at all is unknown. */
  private static final Coverage.Wanted COVERAGE = new Coverage.Wanted(100, 1);

  /** With fresh reads, plain disks, and the product's checkpoints. */
  static Trial of(String workload, String fault, double interval, double seconds) {
    return new Trial(
        workload, fault, interval, seconds, 300, 10, ReadLevel.LINEARIZABLE, "plain", 0);
  }

  Trial withReads(ReadLevel level) {
    return new Trial(workload, fault, interval, seconds, rate, clients, level, disk, snapshotEvery);
  }

  Trial withDisk(String other) {
    return new Trial(
        workload, fault, interval, seconds, rate, clients, readLevel, other, snapshotEvery);
  }

  Trial withSnapshotEvery(int pages) {
    return new Trial(workload, fault, interval, seconds, rate, clients, readLevel, disk, pages);
  }

  Trial withRate(int other) {
    return new Trial(
        workload, fault, interval, seconds, other, clients, readLevel, disk, snapshotEvery);
  }

  Trial withClients(int other) {
    return new Trial(
        workload, fault, interval, seconds, rate, other, readLevel, disk, snapshotEvery);
  }

  Settings settings(long seed) {
    return new Settings(
        NODES,
        workload,
        List.of(fault),
        millis(interval),
        rate,
        clients,
        millis(seconds),
        seed,
        readLevel,
        "proxy",
        disk,
        snapshotEvery,
        COVERAGE,
        Duration.ZERO);
  }

  private static Duration millis(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
