package dev.balsa.raft.core;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.InvariantViolation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest entries of a log, in a ring that grows as needed. */
final class EntryCache {
  private @Nullable Entry[] ring = new @Nullable Entry[64];
  private long firstIndex;
  private int size;
  private long bytes;

  /**
   * Starts empty.
   *
   * @param nextIndex index of the first entry to be added
   */
  EntryCache(long nextIndex) {
    firstIndex = nextIndex;
  }

  EntryCache(EntryCache from) {
    ring = from.ring.clone();
    firstIndex = from.firstIndex;
    size = from.size;
    bytes = from.bytes;
  }

  /** Index of the first entry held, or of the next to be added if none is. */
  long firstIndex() {
    return firstIndex;
  }

  long bytes() {
    return bytes;
  }

  void add(Entry entry) {
    Invariant.check(
        entry.index() == firstIndex + size, "%s after index %s", entry, firstIndex + size - 1);
    if (size == ring.length) {
      grow();
    }
    ring[slot(entry.index())] = entry;
    size++;
    bytes += Limits.bytesOf(entry);
  }

  Entry get(long index) {
    Entry entry = ring[slot(index)];
    if (entry == null || entry.index() != index) {
      throw new InvariantViolation("no entry cached at index " + index);
    }
    return entry;
  }

  /** Entries from {@code from} on, up to {@code to}, until the limits are reached; one at least. */
  List<Entry> read(long from, long to, long bytesMax, int entriesMax) {
    long end = from;
    long total = 0;
    while (end <= to && end - from < entriesMax) {
      total += Limits.bytesOf(get(end));
      if (total > bytesMax && end > from) {
        break;
      }
      end++;
    }
    Entry[] entries = new Entry[(int) (end - from)];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = get(from + i);
    }
    return List.of(entries);
  }

  /** Forgets the entries at and above an index. */
  void truncateFrom(long index) {
    while (size > 0 && firstIndex + size > index) {
      size--;
      bytes -= remove(firstIndex + size);
    }
    firstIndex = Math.min(firstIndex, index);
  }

  /** Forgets the oldest entries, none above {@code upTo}, while more bytes are held than wanted. */
  void shrink(long bytesMax, long upTo) {
    while (bytes > bytesMax && size > 0 && firstIndex <= upTo) {
      bytes -= remove(firstIndex);
      firstIndex++;
      size--;
    }
  }

  /** Forgets the entries up to and including an index. */
  void compactTo(long index) {
    while (size > 0 && firstIndex <= index) {
      bytes -= remove(firstIndex);
      firstIndex++;
      size--;
    }
    firstIndex = Math.max(firstIndex, index + 1);
  }

  /** Forgets those of the entries up to and including an index that it holds. */
  void release(long index) {
    compactTo(Math.min(index, firstIndex + size - 1));
  }

  /** Forgets all; the next to be added has that index. */
  void reset(long nextIndex) {
    truncateFrom(firstIndex);
    firstIndex = nextIndex;
  }

  private long remove(long index) {
    long freed = Limits.bytesOf(get(index));
    ring[slot(index)] = null;
    return freed;
  }

  private void grow() {
    @Nullable Entry[] wider = new @Nullable Entry[2 * ring.length];
    for (long index = firstIndex; index < firstIndex + size; index++) {
      wider[(int) (index & (wider.length - 1))] = ring[slot(index)];
    }
    ring = wider;
  }

  private int slot(long index) {
    return (int) (index & (ring.length - 1)); // the length is a power of two
  }
}
