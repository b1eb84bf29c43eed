package dev.balsa.raft.core;

import java.util.ArrayDeque;

/**
 * Knows roughly how many bytes of entries a log holds after a given index, in a few words of
 * memory: for deciding how much of it to keep below a snapshot.
 */
final class LogBytes {
  private static final int MARKS_WANTED = 16;

  private record Mark(long index, long total) {}

  private final long retainedBytesMax;
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private long total;

  /** Starts with a log whose entries are taken to be of equal size. */
  LogBytes(LogExtent extent, long retainedBytesMax) {
    this.retainedBytesMax = retainedBytesMax;
    long entries = extent.lastIndex() - extent.base().index();
    marks.add(new Mark(extent.base().index(), 0));
    for (long i = 1; i <= MARKS_WANTED && entries > 0; i++) {
      long part = entries * i / MARKS_WANTED;
      if (extent.base().index() + part > marks.getLast().index) {
        marks.add(new Mark(extent.base().index() + part, extent.bytes() * i / MARKS_WANTED));
      }
    }
    total = marks.getLast().total;
  }

  LogBytes(LogBytes from) {
    retainedBytesMax = from.retainedBytesMax;
    marks.addAll(from.marks);
    total = from.total;
  }

  void describe(StateSink sink) {
    sink.number("marks", marks.size());
    for (Mark mark : marks) {
      sink.number("index", mark.index);
      sink.number("total", total - mark.total);
    }
  }

  void add(Entry entry) {
    total += Limits.bytesOf(entry);
    if (total - marks.getLast().total >= Math.max(1, retainedBytesMax / MARKS_WANTED)) {
      marks.add(new Mark(entry.index(), total));
    }
  }

  void truncateFrom(long index) {
    while (marks.size() > 1 && marks.getLast().index >= index) {
      marks.removeLast();
      total = marks.getLast().total;
    }
  }

  /** The highest index after which at least as many bytes follow as are to be kept. */
  long compactableTo() {
    long index = marks.getFirst().index;
    for (Mark mark : marks) {
      if (total - mark.total < retainedBytesMax) {
        break;
      }
      index = mark.index;
    }
    return index;
  }

  /** The log now begins after that index. */
  void compactTo(long index) {
    Mark last = marks.getFirst();
    while (!marks.isEmpty() && marks.getFirst().index <= index) {
      last = marks.removeFirst();
    }
    marks.addFirst(new Mark(index, last.total));
  }

  /** The log is empty and begins after that index. */
  void reset(long index) {
    marks.clear();
    marks.add(new Mark(index, total));
  }
}
