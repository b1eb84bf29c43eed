package dev.balsa.fsm;

/** The hash of each page of a database in one of its states, and what they amount to. */
interface PageHashes {
  /** In bytes. */
  int pageSize();

  /** The database's size in pages. */
  int pages();

  /** The checksum of the whole: see {@link DatabaseChecksum}. */
  long value();

  /**
   * The hash of one page.
   *
   * @param number from 1 to {@link #pages}
   */
  long hash(int number);
}
