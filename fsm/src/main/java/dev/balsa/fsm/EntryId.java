package dev.balsa.fsm;

/**
 * Identity of a replicated transaction, never used twice: a term has one leader, and a leader
 * counts on for as long as it runs (after a restart it can lead only in a later term).
 *
 * @param term the term of the writer view that made it, 0 for a database's creation
 * @param counter that node's count
 */
record EntryId(long term, long counter) {
  /** Stands before a database's first transaction. */
  static final EntryId NONE = new EntryId(0, 0);
}
