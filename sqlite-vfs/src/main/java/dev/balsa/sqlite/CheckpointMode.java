package dev.balsa.sqlite;

/** How to checkpoint. https://sqlite.org/c3ref/wal_checkpoint_v2.html */
public enum CheckpointMode {
  /** As many frames as possible, waiting for nobody. */
  PASSIVE(0),
  /** Waits for writers and readers of older snapshots, then all frames. */
  FULL(1),
  /** FULL, and waits until the next writer will start the WAL from its beginning. */
  RESTART(2),
  /** RESTART, and cuts the WAL file to no bytes. */
  TRUNCATE(3);

  private final int code;

  CheckpointMode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
