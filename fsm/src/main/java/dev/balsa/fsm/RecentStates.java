package dev.balsa.fsm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a database's checksum was after its transactions: by that two replicas that are not equally
 * far can be compared. Of the latest transactions all are kept, of those before one in 64, and
 * before these one in 4096: so that a replica that lags far behind another has some state in common
 * with it. Which those are depends on the transaction alone, and is the same on all nodes.
 *
 * <p>Takes memory as there are any: a database in which nothing happens needs a few hundred bytes.
 * Owned by the apply thread.
 */
final class RecentStates {
  private final Ring all = new Ring(1024);
  private final Ring some = new Ring(128);
  private final Ring few = new Ring(128);

  /**
   * A state that a database was in.
   *
   * @param last the last transaction applied
   * @param checksum its {@link DatabaseChecksum} then
   */
  record State(EntryId last, long checksum) {}

  /** The latest of what is put into it. */
  private static final class Ring {
    private static final int KEPT_AT_FIRST = 2;

    /** Term, counter and checksum. */
    private static final int WIDTH = 3;

    private final int most;
    private long[] numbers = new long[KEPT_AT_FIRST * WIDTH];
    private long count;

    /**
     * An empty one.
     *
     * @param most so many are kept: a power of two
     */
    Ring(int most) {
      this.most = most;
    }

    void add(EntryId last, long checksum) {
      if (count == kept() && kept() < most) {
        numbers = Arrays.copyOf(numbers, 2 * numbers.length); // it has not gone round yet
      }
      int at = place(count);
      numbers[at] = last.term();
      numbers[at + 1] = last.counter();
      numbers[at + 2] = checksum;
      count++;
    }

    int kept() {
      return numbers.length / WIDTH;
    }

    private int place(long number) {
      return (int) (number % kept()) * WIDTH;
    }

    /** The newest first. */
    List<State> latest(int wanted) {
      List<State> latest = new ArrayList<>();
      for (long i = count - 1; i >= Math.max(0, count - kept()) && latest.size() < wanted; i--) {
        int at = place(i);
        latest.add(new State(new EntryId(numbers[at], numbers[at + 1]), numbers[at + 2]));
      }
      return latest;
    }
  }

  /** The database is in that state now. */
  void add(EntryId last, long checksum) {
    all.add(last, checksum);
    // A node counts the transactions of all its databases: they are drawn, lest one has only odd
    // ones.
    long drawn = ((last.term() * 31 + last.counter()) * 0x9E3779B97F4A7C15L) >>> 52;
    if (drawn % 64 == 0) {
      some.add(last, checksum);
    }
    if (drawn == 0) {
      few.add(last, checksum);
    }
  }

  /** The latest states, and some before them. */
  List<State> latest(int most) {
    List<State> latest = new ArrayList<>(all.latest(most - most / 2));
    latest.addAll(some.latest(most / 4));
    latest.addAll(few.latest(most / 4));
    return latest;
  }

  /** Whether it was in another state after that transaction; false if that is not known. */
  boolean contradicts(State other) {
    return all.latest(all.kept()).stream()
        .anyMatch(each -> each.last().equals(other.last()) && each.checksum() != other.checksum());
  }

  /** For how many states there is room. */
  int capacity() {
    return all.kept() + some.kept() + few.kept();
  }
}
