package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;

/**
 * Counts what is on its way and not yet settled, in order of log index: append requests that a peer
 * has not answered, entries not yet committed, entries not yet applied.
 */
final class ByteWindow {
  private long[] lastIndices = new long[16];
  private long[] sizes = new long[16];
  private int head;
  private int count;
  private long bytes;

  ByteWindow() {}

  ByteWindow(ByteWindow from) {
    lastIndices = from.lastIndices.clone();
    sizes = from.sizes.clone();
    head = from.head;
    count = from.count;
    bytes = from.bytes;
  }

  void describe(StateSink sink) {
    sink.number("count", count);
    for (int i = 0; i < count; i++) {
      sink.number("lastIndices", lastIndices[slot(i)]);
      sink.number("sizes", sizes[slot(i)]);
    }
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  /** Adds an item that ends at {@code lastIndex}, above all before it. */
  void add(long lastIndex, long itemBytes) {
    Invariant.check(
        count == 0 || lastIndex > lastIndices[slot(count - 1)],
        "item up to index %s is not above the one before",
        lastIndex);
    if (count == sizes.length) {
      grow();
    }
    lastIndices[slot(count)] = lastIndex;
    sizes[slot(count)] = itemBytes;
    count++;
    bytes += itemBytes;
  }

  /** Removes the items that end at or below {@code index}. */
  void settle(long index) {
    while (count > 0 && lastIndices[head] <= index) {
      bytes -= sizes[head];
      head = slot(1);
      count--;
    }
  }

  private int slot(int offset) {
    return (head + offset) & (sizes.length - 1); // the length is a power of two
  }

  private void grow() {
    long[] indices = new long[2 * count];
    long[] grown = new long[2 * count];
    for (int i = 0; i < count; i++) {
      indices[i] = lastIndices[slot(i)];
      grown[i] = sizes[slot(i)];
    }
    lastIndices = indices;
    sizes = grown;
    head = 0;
  }
}
