package dev.balsa.raft.log;

import dev.balsa.raft.Invariant;
import java.util.Arrays;

/** Terms by index: a log has few terms and many entries, so only where a term begins is kept. */
final class TermRuns {
  private long[] starts;
  private long[] terms;
  private int size;

  TermRuns() {
    this(16);
  }

  private TermRuns(int capacity) {
    starts = new long[capacity];
    terms = new long[capacity];
  }

  /** Term of an entry, which must exist. */
  long term(long index) {
    return terms[runOf(index)];
  }

  private int runOf(long index) {
    int at = Arrays.binarySearch(starts, 0, size, index);
    int run = at >= 0 ? at : -at - 2;
    Invariant.check(run >= 0, "no term for index %d", index);
    return run;
  }

  /** A copy that knows the terms of some entries, which must exist. */
  TermRuns copyOf(long from, long to) {
    int first = runOf(from);
    int end = runOf(to) + 1;
    TermRuns copy = new TermRuns(end - first);
    System.arraycopy(starts, first, copy.starts, 0, end - first);
    System.arraycopy(terms, first, copy.terms, 0, end - first);
    copy.size = end - first;
    return copy;
  }

  void append(long index, long term) {
    if (size > 0 && terms[size - 1] == term) {
      return;
    }
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
      terms = Arrays.copyOf(terms, 2 * size);
    }
    starts[size] = index;
    terms[size++] = term;
  }

  /** Forgets what is not needed for entries from an index on. */
  void discardBefore(long fromIndex) {
    int drop = 0;
    while (drop + 1 < size && starts[drop + 1] <= fromIndex) {
      drop++;
    }
    System.arraycopy(starts, drop, starts, 0, size - drop);
    System.arraycopy(terms, drop, terms, 0, size - drop);
    size -= drop;
  }

  void truncate(long fromIndex) {
    while (size > 0 && starts[size - 1] >= fromIndex) {
      size--;
    }
  }
}
