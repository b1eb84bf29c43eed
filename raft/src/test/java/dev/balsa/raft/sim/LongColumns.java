package dev.balsa.raft.sim;

import java.util.Arrays;

/** Rows of numbers: added at the end, removed at the beginning. */
final class LongColumns {
  private final int width;
  private long[] cells;
  private int begin;
  private int end;

  LongColumns(int width) {
    this.width = width;
    this.cells = new long[64 * width];
  }

  int size() {
    return (end - begin) / width;
  }

  long get(int row, int column) {
    if (row < 0 || row >= size()) {
      throw new IndexOutOfBoundsException("row " + row + " of " + size());
    }
    return cells[begin + row * width + column];
  }

  void add(long... row) {
    if (end == cells.length) {
      if (begin > cells.length / 2) {
        System.arraycopy(cells, begin, cells, 0, end - begin);
        end -= begin;
        begin = 0;
      } else {
        cells = Arrays.copyOf(cells, 2 * cells.length);
      }
    }
    System.arraycopy(row, 0, cells, end, width);
    end += width;
  }

  void removeFirst(int rows) {
    begin += rows * width;
  }
}
