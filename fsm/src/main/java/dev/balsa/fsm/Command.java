package dev.balsa.fsm;

import dev.balsa.sqlite.wal.PageImage;
import java.util.List;

/** What an entry of Raft's log asks of the databases. */
sealed interface Command {
  /** The database that it is about. */
  DatabaseName database();

  /**
   * A new database with its first pages. The index of the entry becomes its incarnation. Without
   * effect when a database of that name exists.
   *
   * @param pageSize in bytes
   * @param pages all pages, from 1
   */
  record Create(DatabaseName database, int pageSize, List<PageImage> pages) implements Command {}

  /**
   * The end of a database. Without effect on another life of that name.
   *
   * @param incarnation which life is meant
   */
  record Drop(DatabaseName database, long incarnation) implements Command {}

  /**
   * A transaction, or a part of one that is too large for one entry. It takes effect with the last
   * part.
   *
   * @param incarnation which life of the name is meant; others ignore it
   * @param part number of this part, from 0
   * @param parts number of parts
   * @param transaction with the pages of this part only
   */
  record Commit(
      DatabaseName database, long incarnation, int part, int parts, Transaction transaction)
      implements Command {}

  /**
   * A transaction's page images and the states between which it leads.
   *
   * @param id its identity
   * @param predecessor the last transaction applied before it
   * @param checksumBefore the database's {@link DatabaseChecksum} before it
   * @param checksumAfter and after it
   * @param databasePages size of the database after it, in pages
   * @param pages the last image of each page written, ascending, none above {@code databasePages}
   */
  record Transaction(
      EntryId id,
      EntryId predecessor,
      long checksumBefore,
      long checksumAfter,
      int databasePages,
      List<PageImage> pages) {}
}
