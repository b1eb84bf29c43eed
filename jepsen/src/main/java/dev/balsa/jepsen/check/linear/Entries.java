package dev.balsa.jepsen.check.linear;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The calls and returns of required operations, in real-time order: a doubly linked list, from
 * which both entries of an operation are lifted when it is taken, and put back in the reverse
 * order. Entry i is the call of operation i, entry size + i its return. Used by one thread.
 */
final class Entries {
  private final int size;
  private final int[] next;
  private final int[] previous;
  private final int head;
  private int left;

  Entries(Problem problem) {
    this.size = problem.required.length;
    this.head = 2 * size;
    this.next = new int[2 * size + 1];
    this.previous = new int[2 * size + 1];
    this.left = size;
    // Of a return and a call at one moment, which there are not, the call would count as earlier.
    int[] order =
        IntStream.range(0, 2 * size)
            .boxed()
            .sorted(
                Comparator.comparingLong(
                        (Integer e) -> e < size ? problem.callAt[e] : problem.returnAt[e - size])
                    .thenComparing(Comparator.naturalOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    int last = head;
    for (int entry : order) {
      next[last] = entry;
      previous[entry] = last;
      last = entry;
    }
    next[last] = head;
    previous[head] = last;
  }

  /** The first entry; nothing but a return ends a walk from here, unless the list is empty. */
  int first() {
    return next[head];
  }

  int after(int entry) {
    return next[entry];
  }

  boolean isCall(int entry) {
    return entry < size;
  }

  /** Whose return an entry is. */
  int returning(int entry) {
    return entry - size;
  }

  boolean isEmpty() {
    return left == 0;
  }

  /** Takes an operation out. What follows its call is still {@link #after} it. */
  void lift(int operation) {
    unlink(operation);
    unlink(size + operation);
    left--;
  }

  /** Puts back the operation that was taken out last. */
  void unlift(int operation) {
    link(size + operation);
    link(operation);
    left++;
  }

  private void unlink(int entry) {
    next[previous[entry]] = next[entry];
    previous[next[entry]] = previous[entry];
  }

  private void link(int entry) {
    next[previous[entry]] = entry;
    previous[next[entry]] = entry;
  }
}
