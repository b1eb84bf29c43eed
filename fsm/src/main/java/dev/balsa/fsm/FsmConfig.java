package dev.balsa.fsm;

import dev.balsa.raft.core.Entry;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where and how a node keeps its databases.
 *
 * @param folder holds the databases' files and nothing else
 * @param pageSize of databases created here, in bytes
 * @param entryBytesMax bound on one part of a transaction, at most {@link Entry#PAYLOAD_BYTES_MAX}
 * @param name of the node in the names of its threads
 * @param limits how large SQL and what it handles may be
 * @param checkpoints when the WALs go into the main files
 * @param activities is told of work that may hold up transactions
 * @param scrubPeriod in which every page is read and compared once; zero if none shall be
 */
public record FsmConfig(
    Path folder,
    int pageSize,
    int entryBytesMax,
    String name,
    SqlLimits limits,
    CheckpointPolicy checkpoints,
    Activities activities,
    Duration scrubPeriod) {
  /** Checks the bounds. */
  public FsmConfig {
    if (pageSize < 512 || pageSize > 65536 || Integer.bitCount(pageSize) != 1) {
      throw new IllegalArgumentException(
          "a page size is a power of two from 512 to 65536, not " + pageSize);
    }
    if (entryBytesMax < pageSize + 1024 || entryBytesMax > Entry.PAYLOAD_BYTES_MAX) {
      throw new IllegalArgumentException(
          "entryBytesMax must hold a page, and at most " + Entry.PAYLOAD_BYTES_MAX);
    }
    if (scrubPeriod.isNegative()) {
      throw new IllegalArgumentException("a scrub's period is not negative: " + scrubPeriod);
    }
  }

  /** The usual limits, and no scrub. */
  public FsmConfig(Path folder, int pageSize, int entryBytesMax, String name) {
    this(
        folder,
        pageSize,
        entryBytesMax,
        name,
        SqlLimits.DEFAULT,
        CheckpointPolicy.DEFAULT,
        Activities.UNWATCHED,
        Duration.ZERO);
  }

  /** The same with other limits. */
  public FsmConfig withLimits(SqlLimits limits) {
    return new FsmConfig(
        folder, pageSize, entryBytesMax, name, limits, checkpoints, activities, scrubPeriod);
  }

  /** The same with other checkpoints. */
  public FsmConfig withCheckpoints(CheckpointPolicy checkpoints) {
    return new FsmConfig(
        folder, pageSize, entryBytesMax, name, limits, checkpoints, activities, scrubPeriod);
  }

  /** The same with somebody who is told of what goes on. */
  public FsmConfig withActivities(Activities activities) {
    return new FsmConfig(
        folder, pageSize, entryBytesMax, name, limits, checkpoints, activities, scrubPeriod);
  }

  /** The same with a scrub. */
  public FsmConfig withScrubPeriod(Duration period) {
    return new FsmConfig(
        folder, pageSize, entryBytesMax, name, limits, checkpoints, activities, period);
  }

  /** Pages of 4096 bytes, entries of up to 1 MiB, no scrub. */
  public static FsmConfig of(Path folder, String name) {
    return new FsmConfig(folder, 4096, Entry.PAYLOAD_BYTES_MAX, name);
  }
}
