package dev.balsa.fsm;

import java.util.ArrayList;
import java.util.List;

/**
 * What a database's checksum was after each of its latest transactions: by that two replicas that
 * are not equally far can be compared. Owned by the apply thread.
 */
final class RecentStates {
  private static final int KEPT = 1024;

  /**
   * A state that a database was in.
   *
   * @param last the last transaction applied
   * @param checksum its {@link DatabaseChecksum} then
   */
  record State(EntryId last, long checksum) {}

  private final State[] ring = new State[KEPT];
  private long count;

  /** The database is in that state now. */
  void add(EntryId last, long checksum) {
    ring[(int) (count % KEPT)] = new State(last, checksum);
    count++;
  }

  /** The latest states, the newest first. */
  List<State> latest(int most) {
    List<State> latest = new ArrayList<>();
    for (long i = count - 1; i >= Math.max(0, count - KEPT) && latest.size() < most; i--) {
      latest.add(ring[(int) (i % KEPT)]);
    }
    return latest;
  }

  /** Whether it was in another state after that transaction; false if that is not known. */
  boolean contradicts(State other) {
    return latest(KEPT).stream()
        .anyMatch(each -> each.last().equals(other.last()) && each.checksum() != other.checksum());
  }
}
