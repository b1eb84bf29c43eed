package dev.balsa.sqlite.wal;

/** A broken invariant of the WAL or its index. Not to be caught but by what halts the node. */
public final class InvariantViolation extends Error {
  private static final long serialVersionUID = 1L;

  /** Creates the error with what was found. */
  public InvariantViolation(String message) {
    super(message);
  }
}
