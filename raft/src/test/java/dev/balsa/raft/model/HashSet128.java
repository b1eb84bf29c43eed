package dev.balsa.raft.model;

/** A set of 128-bit hashes, sixteen bytes each and free room. */
final class HashSet128 {
  private long[] words = new long[1 << 12];
  private int size;

  /** Adds a hash; whether it is new. */
  boolean add(long high, long low) {
    if (10L * size >= 7L * (words.length / 2)) {
      grow();
    }
    boolean isNew = put(words, high, low);
    size += isNew ? 1 : 0;
    return isNew;
  }

  int size() {
    return size;
  }

  private void grow() {
    long[] wider = new long[2 * words.length];
    for (int i = 0; i < words.length; i += 2) {
      if ((words[i] | words[i + 1]) != 0) {
        put(wider, words[i], words[i + 1]);
      }
    }
    words = wider;
  }

  private static boolean put(long[] words, long high, long low) {
    int mask = words.length - 1; // the length is a power of two
    int slot = (int) (low << 1) & mask;
    while ((words[slot] | words[slot + 1]) != 0) {
      if (words[slot] == high && words[slot + 1] == low) {
        return false;
      }
      slot = (slot + 2) & mask;
    }
    words[slot] = high;
    words[slot + 1] = low;
    return true;
  }
}
