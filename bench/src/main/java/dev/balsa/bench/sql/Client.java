package dev.balsa.bench.sql;

/** What one thread of a load uses: the few operations that the cases are made of. */
interface Client extends AutoCloseable {
  /** Inserts a row, as a transaction of its own. */
  void insert(int writer, String text);

  /** A transaction: reads an item, inserts a row, writes the item. */
  void transaction(int writer, String text, int item);

  /** A transaction of {@link SqlCase#BULK_ROWS} inserts. */
  void bulk(int writer, Draw draw);

  /** Reads an item: all of its columns. */
  void select(int item);

  @Override
  void close();

  /** Opens clients of one case's database, which is there. */
  interface Source {
    /** Opens one. */
    Client open();
  }

  /** An operation ended without telling whether its rows are there. */
  final class InDoubtException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InDoubtException(Throwable cause) {
      super(cause);
    }
  }
}
