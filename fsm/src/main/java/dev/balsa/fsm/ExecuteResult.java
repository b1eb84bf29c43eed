package dev.balsa.fsm;

/**
 * What a statement did.
 *
 * @param changes rows inserted, updated or deleted by it
 * @param lastInsertRowid the rowid that it inserted last; meaningless if it inserted none
 * @param rows what it returned, e.g. by RETURNING
 */
public record ExecuteResult(long changes, long lastInsertRowid, Rows rows) {
  /** Of a statement that changes no row and returns none. */
  static final ExecuteResult NONE = new ExecuteResult(0, 0, Rows.NONE);
}
