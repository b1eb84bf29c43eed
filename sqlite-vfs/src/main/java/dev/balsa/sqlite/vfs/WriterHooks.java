package dev.balsa.sqlite.vfs;

/**
 * What {@link WriterVfs} tells a writer's owner. Called by SQLite, on whatever thread uses the
 * connection. Nothing may be thrown: JNA would answer SQLite with 0, which means success.
 */
interface WriterHooks {
  /** The writer's WAL handle was opened. May throw: opening fails then. */
  void walOpened(long file);

  /**
   * SQLite wants its WAL to be durable.
   *
   * @return a result code; anything but OK makes the commit fail
   */
  int walSync();

  /** The writer tried what it must never do; it was refused. */
  void forbidden(String what);
}
