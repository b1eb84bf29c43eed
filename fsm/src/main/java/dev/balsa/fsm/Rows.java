package dev.balsa.fsm;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A whole result, read before the call returned: no lock or snapshot is held by it.
 *
 * @param columns the columns' names
 * @param rows the rows, in order
 */
public record Rows(List<String> columns, List<Row> rows) implements Iterable<Row> {
  static final Rows NONE = new Rows(List.of(), List.of());

  /** Number of rows. */
  public int size() {
    return rows.size();
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** A row, from 0. */
  public Row get(int index) {
    return rows.get(index);
  }

  /** The only row. */
  public Row single() {
    if (rows.size() != 1) {
      throw new IllegalStateException("expected one row, and there are " + rows.size());
    }
    return rows.get(0);
  }

  /** The rows as a stream. */
  public Stream<Row> stream() {
    return rows.stream();
  }

  @Override
  public Iterator<Row> iterator() {
    return rows.iterator();
  }
}
