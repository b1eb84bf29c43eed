package dev.balsa.fsm;

/** A replicated database on this node, in one of the states of its life here. */
sealed interface Replica permits Database, RecoveringDatabase, DamagedDatabase {
  DatabaseName name();

  /** Index of the entry that created it. */
  long incarnation();

  /** For operators. */
  DatabaseStatus status();
}
