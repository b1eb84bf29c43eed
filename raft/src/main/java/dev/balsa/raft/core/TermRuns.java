package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import java.util.Arrays;

/**
 * The term of every entry of a log, in a few words of memory: terms change seldom, so only the
 * index at which each begins is kept.
 */
final class TermRuns {
  private long[] firstIndices = new long[8];
  private long[] terms = new long[8];
  private int size;
  private long lastIndex;

  TermRuns(LogExtent extent) {
    lastIndex = extent.firstIndex() - 1;
    for (LogExtent.TermRun run : extent.runs()) {
      add(run.firstIndex(), run.term());
    }
    lastIndex = extent.lastIndex();
  }

  TermRuns(TermRuns from) {
    firstIndices = from.firstIndices.clone();
    terms = from.terms.clone();
    size = from.size;
    lastIndex = from.lastIndex;
  }

  void describe(StateSink sink) {
    sink.number("lastIndex", lastIndex);
    sink.number("size", size);
    for (int i = 0; i < size; i++) {
      sink.number("firstIndices", firstIndices[i]);
      sink.number("terms", terms[i]);
    }
  }

  long lastIndex() {
    return lastIndex;
  }

  /** Term of the last entry, 0 if there is none. */
  long lastTerm() {
    return size == 0 ? 0 : terms[size - 1];
  }

  void append(long term) {
    lastIndex++;
    if (term != lastTerm()) {
      add(lastIndex, term);
    }
  }

  void truncateFrom(long index) {
    lastIndex = index - 1;
    while (size > 0 && firstIndices[size - 1] > lastIndex) {
      size--;
    }
  }

  /** Forgets all up to and including an index in the log. */
  void compactTo(long index) {
    int kept = runOf(index + 1);
    if (kept < 0) {
      return;
    }
    if (index == lastIndex) {
      size = 0;
      return;
    }
    firstIndices = Arrays.copyOfRange(firstIndices, kept, kept + firstIndices.length);
    terms = Arrays.copyOfRange(terms, kept, kept + terms.length);
    size -= kept;
    firstIndices[0] = Math.max(firstIndices[0], index + 1);
  }

  /** Forgets all; the log goes on after an index. */
  void reset(long index) {
    size = 0;
    lastIndex = index;
  }

  /** How many runs are kept. */
  int size() {
    return size;
  }

  long termAt(long index) {
    int run = runOf(index);
    Invariant.check(run >= 0 && index <= lastIndex, "no term known at index %s", index);
    return terms[run];
  }

  /**
   * The highest index up to {@code index} whose entry has at most that term: no entry between it
   * and {@code index} can be one of a log in which {@code index} has that term.
   *
   * @return the index before the log's first if there is none
   */
  long lastIndexWithTermAtMost(long index, long term) {
    int run = runOf(index);
    if (run < 0) {
      return index; // before all
    }
    if (terms[run] <= term) {
      return index;
    }
    while (run > 0 && terms[run - 1] > term) {
      run--;
    }
    return firstIndices[run] - 1;
  }

  /** The run that holds an index, -1 if it lies before all. */
  private int runOf(long index) {
    if (size > 0 && index >= firstIndices[size - 1]) {
      return size - 1; // nearly every question is about the end of the log
    }
    int found = Arrays.binarySearch(firstIndices, 0, size, index);
    return found >= 0 ? found : -found - 2;
  }

  private void add(long firstIndex, long term) {
    Invariant.check(
        size == 0 || (term > terms[size - 1] && firstIndex > firstIndices[size - 1]),
        "term %s at index %s after term %s",
        term,
        firstIndex,
        lastTerm());
    if (size == terms.length) {
      firstIndices = Arrays.copyOf(firstIndices, 2 * size);
      terms = Arrays.copyOf(terms, 2 * size);
    }
    firstIndices[size] = firstIndex;
    terms[size] = term;
    size++;
  }
}
