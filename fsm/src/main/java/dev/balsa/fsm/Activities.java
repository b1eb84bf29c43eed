package dev.balsa.fsm;

/**
 * Is told of work of a node that may hold up its transactions: so that whoever sees a gap between
 * two of them can tell what it was. Thread-safe; called by the threads that do the work.
 *
 * <pre>{@code
 * try (Activities.Running running = activities.begin(Activities.Kind.CHECKPOINT)) {
 *   ...
 * }
 * }</pre>
 */
@FunctionalInterface
public interface Activities {
  /** Tells nobody. */
  Activities UNWATCHED = kind -> () -> {};

  /** What a node may be doing. */
  enum Kind {
    /** The log is written, not yet durably: a disk that is busy can hold up that, too. */
    WRITE,
    /** The log is made durable. */
    FORCE,
    /** A segment of the log is allocated, ahead of its use. */
    ALLOCATION,
    /** Pages go from a WAL into the database's main file. */
    CHECKPOINT,
    /** A WAL begins anew. */
    TURN,
    /** A snapshot is sent or installed. */
    SNAPSHOT
  }

  /** Work that goes on until it is closed. */
  interface Running extends AutoCloseable {
    /** The work is over. Must return at once. */
    @Override
    void close();
  }

  /** Work begins. Must return at once. */
  Running begin(Kind kind);
}
