package dev.balsa.sqlite.crash;

/** How an operation fails. */
public enum Failure {
  /** Nothing of it is done. */
  IO_ERROR,
  /** There is no room: half of a write is done, and nothing of anything else. */
  NO_SPACE
}
