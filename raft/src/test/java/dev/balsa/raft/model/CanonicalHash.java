package dev.balsa.raft.model;

import static dev.balsa.raft.model.Fingerprint.mix;

import java.util.Arrays;

/**
 * The 128-bit hash by which states are compared: of all renamings of the nodes the smallest. A
 * counter counts by its rank among those of its domain, in the whole cluster.
 */
final class CanonicalHash {
  private static final long SECOND_COPY = 0x5851f42d4c957f2dL;
  private static final long RANK = 0xd1342543de82ef95L;

  private final NodeSteps steps;
  private final Histories histories;
  private final int renamings;
  private final long[] present = new long[Fingerprint.DOMAINS];
  private long first;
  private long second;

  /**
   * A hash.
   *
   * @param renamings how many of the renamings make no difference, from the first
   */
  CanonicalHash(NodeSteps steps, Histories histories, int renamings) {
    this.steps = steps;
    this.histories = histories;
    this.renamings = renamings;
  }

  void hash(ClusterState state) {
    Arrays.fill(present, 3); // 0 and -1 keep their places
    for (int i = 0; i < state.size(); i++) {
      count(steps.node(state.node(i)).fingerprint);
    }
    for (int i = 0; i < state.messages(); i++) {
      count(steps.packetPrint(state.message(i)));
    }
    long smallestHigh = 0;
    long smallestLow = 0;
    for (int r = 0; r < renamings; r++) {
      sum(state, r);
      long high = mix(first);
      long low = mix(second);
      int order = Long.compareUnsigned(high, smallestHigh);
      if (r == 0 || order < 0 || (order == 0 && Long.compareUnsigned(low, smallestLow) < 0)) {
        smallestHigh = high;
        smallestLow = low;
      }
    }
    first = smallestHigh;
    second = smallestLow;
  }

  long high() {
    return first;
  }

  long low() {
    return second;
  }

  private void count(Fingerprint print) {
    for (int i = 0; i < print.values().length; i++) {
      present[print.domains()[i]] |= 1L << (print.values()[i] + 1);
    }
  }

  private void sum(ClusterState state, int renaming) {
    first = 0;
    second = 0;
    for (int i = 0; i < state.size(); i++) {
      add(steps.node(state.node(i)).fingerprint, renaming, 0);
    }
    add(histories.print(state.history()), renaming, 0);
    for (int i = 0; i < state.messages(); i++) {
      long copy = state.isSecondCopy(i) ? SECOND_COPY : 0;
      add(steps.packetPrint(state.message(i)), renaming, copy);
    }
  }

  private void add(Fingerprint print, int renaming, long copy) {
    first += mix(print.hashes()[2 * renaming] + copy);
    second += mix(print.hashes()[2 * renaming + 1] + copy);
    long[] slots = print.slots()[renaming];
    for (int i = 0; i < slots.length; i++) {
      long below = present[print.domains()[i]] & ((1L << (print.values()[i] + 1)) - 1);
      long word = slots[i] + copy + RANK * (1 + Long.bitCount(below));
      first += mix(word);
      second += mix(word ^ RANK);
    }
  }
}
