package dev.balsa.fsm;

import java.time.Duration;

/**
 * A transaction has read one state of the database for so long that the WAL could not begin anew,
 * and was ended ({@link CheckpointPolicy#readerAgeMax}). It has changed nothing: begin it anew.
 */
public final class SnapshotTooOldException extends NotAppliedException {
  private static final long serialVersionUID = 1L;

  SnapshotTooOldException(Duration ageMax) {
    super(
        "the transaction has read one state of the database for longer than "
            + ageMax
            + ", and was ended so that the WAL can begin anew: begin it again");
  }
}
