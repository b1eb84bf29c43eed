package dev.balsa.fsm;

import java.time.Duration;

/**
 * When a database's WAL goes into its main file, so that the log before that can go, and when the
 * WAL begins anew.
 *
 * @param frames a checkpoint is made when so many frames (pages) have been published since the last
 * @param entries one is made too when so many entries have been applied, of whichever database,
 *     since the last, and anything of them is of this one: as long the log is kept for it
 * @param logBytes one is made too when these entries take so many bytes
 * @param turnFrames the WAL begins anew when it is that long and all of it is in the main file
 * @param walFramesMax transactions that would write wait while the WAL is longer than that: a
 *     reader may keep it from beginning anew
 * @param readerAgeMax a transaction that has read for longer than this, and keeps a WAL longer than
 *     {@code turnFrames} from beginning anew, is ended ({@link SnapshotTooOldException})
 */
public record CheckpointPolicy(
    int frames,
    long entries,
    long logBytes,
    int turnFrames,
    int walFramesMax,
    Duration readerAgeMax) {
  /**
   * A checkpoint every 4 MiB at the usual page size, and before 64 MiB of the log are kept for a
   * database that is written less; a WAL of some 16 MiB and at most 1 GiB.
   */
  public static final CheckpointPolicy DEFAULT =
      new CheckpointPolicy(1_000, 50_000, 64L << 20, 4_096, 262_144, Duration.ofSeconds(60));

  /** Checks the bounds. */
  public CheckpointPolicy {
    if (frames < 1 || entries < 1 || logBytes < 1 || turnFrames < 1 || walFramesMax < turnFrames) {
      throw new IllegalArgumentException(
          "a checkpoint needs at least one frame, entry and byte, and the WAL's bound is not below the"
              + " length at which it begins anew: "
              + frames
              + ", "
              + entries
              + ", "
              + logBytes
              + ", "
              + turnFrames
              + ", "
              + walFramesMax);
    }
    if (readerAgeMax.isNegative() || readerAgeMax.isZero()) {
      throw new IllegalArgumentException("a reader's age is positive, not " + readerAgeMax);
    }
  }

  /** Checkpoints every so many frames, and the WAL sixteen times as long. */
  public static CheckpointPolicy every(int frames) {
    return new CheckpointPolicy(
        frames,
        DEFAULT.entries(),
        DEFAULT.logBytes(),
        Math.multiplyExact(frames, 16),
        Math.max(Math.multiplyExact(frames, 64), DEFAULT.walFramesMax()),
        DEFAULT.readerAgeMax());
  }

  /** For how many frames a WAL that begins anew keeps its file's space. */
  int walFramesKept() {
    return (int) Math.min(2L * turnFrames, walFramesMax);
  }

  /** The same with another age of readers. */
  public CheckpointPolicy withReaderAgeMax(Duration age) {
    return new CheckpointPolicy(frames, entries, logBytes, turnFrames, walFramesMax, age);
  }
}
