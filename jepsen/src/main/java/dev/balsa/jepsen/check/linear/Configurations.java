package dev.balsa.jepsen.check.linear;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What was looked at already: sets of operations taken, with the state to which they led. Used by
 * one thread.
 *
 * <p>Sets of required operations are compared in full. Of the optional ones it matters how many of
 * each kind were used ({@link Problem}): whoever has used no more of any kind, and else is at the
 * same point, can do all that the other can, so that the other need not be looked at.
 */
final class Configurations {
  private static final int KEY_BYTES = 120;
  private static final int VECTOR_BYTES = 24;

  private final Map<Key, int[][]> seen = new HashMap<>();
  private long size;
  private long bytes;

  /**
   * A set of required operations, and where it leads.
   *
   * <p>Operations are numbered by their calls, so that mostly all up to some number are taken and
   * none after another: only the words between these are kept.
   */
  private static final class Key {
    private final long[] words;
    private final int skipped;
    private final int state;
    private final boolean bound;
    private final int hash;

    Key(long[] taken, int state, boolean bound) {
      int from = 0;
      int to = taken.length;
      while (from < to && taken[from] == -1) {
        from++;
      }
      while (to > from && taken[to - 1] == 0) {
        to--;
      }
      this.words = Arrays.copyOfRange(taken, from, to);
      this.skipped = from;
      this.state = state;
      this.bound = bound;
      int mixed = (Arrays.hashCode(words) * 31 + from) * 31 + state;
      this.hash = (bound ? ~mixed : mixed) * 0x9E3779B9;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && hash == key.hash
          && state == key.state
          && bound == key.bound
          && skipped == key.skipped
          && Arrays.equals(words, key.words);
    }

    @Override
    public int hashCode() {
      return hash ^ hash >>> 16;
    }
  }

  /**
   * Notes where a search is.
   *
   * @param taken the required operations, a bit each
   * @param state where they lead
   * @param bound whether the next operation must need that state
   * @param used how many optional operations of each kind were taken; copied
   * @return false if nothing new can be found from here
   */
  boolean add(long[] taken, int state, boolean bound, int[] used) {
    Key key = new Key(taken, state, bound);
    int[][] before = seen.get(key);
    if (before == null) {
      seen.put(key, new int[][] {used.clone()});
      bytes += KEY_BYTES + 8L * key.words.length + VECTOR_BYTES + 4L * used.length;
      size++;
      return true;
    }
    int kept = 0;
    for (int[] other : before) {
      if (isAtMost(other, used)) {
        return false;
      }
      if (!isAtMost(used, other)) {
        kept++;
      }
    }
    int[][] after = new int[kept + 1][];
    int next = 0;
    for (int[] other : before) {
      if (!isAtMost(used, other)) {
        after[next++] = other;
      }
    }
    after[next] = used.clone();
    seen.put(key, after);
    bytes += (after.length - before.length) * (8L + VECTOR_BYTES + 4L * used.length);
    size++;
    return true;
  }

  private static boolean isAtMost(int[] one, int[] other) {
    for (int i = 0; i < one.length; i++) {
      if (one[i] > other[i]) {
        return false;
      }
    }
    return true;
  }

  /** How many were noted. */
  long size() {
    return size;
  }

  /** About how much memory they take. */
  long bytes() {
    return bytes;
  }
}
