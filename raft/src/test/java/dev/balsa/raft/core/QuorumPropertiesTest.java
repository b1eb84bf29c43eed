package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** The quorum's arithmetic against the definition, word by word. */
class QuorumPropertiesTest {
  @Property(tries = 50_000, shrinking = ShrinkingMode.OFF)
  void reachedIsTheHighestNumberThatMoreThanHalfHaveReached(@ForAll long seed) {
    Map<Long, Long> reached = voters(seed, 12);
    long expected = 0;
    for (long candidate = 0; candidate <= 12; candidate++) {
      int count = 0;
      for (long value : reached.values()) {
        count += value >= candidate ? 1 : 0;
      }
      if (2 * count > reached.size()) {
        expected = candidate;
      }
    }
    Membership membership = new Membership(1, reached.keySet());
    assertThat(membership.reached(id -> reached.getOrDefault(id, -1L))).isEqualTo(expected);
  }

  @Property(tries = 50_000, shrinking = ShrinkingMode.OFF)
  void aMajorityIsMoreThanHalfAndBlockingIsWhatLeavesNone(@ForAll long seed) {
    Map<Long, Long> inside = voters(seed, 2); // 1 and 2 are inside
    int insiders = 0;
    for (long value : inside.values()) {
      insiders += value > 0 ? 1 : 0;
    }
    int outsiders = inside.size() - insiders;
    Membership membership = new Membership(1, inside.keySet());
    assertThat(membership.decides(id -> inside.getOrDefault(id, 0L) > 0))
        .isEqualTo(insiders > inside.size() - insiders);
    assertThat(membership.blocks(id -> inside.getOrDefault(id, 0L) > 0))
        .isEqualTo(outsiders <= inside.size() - outsiders);
  }

  /** One to nine voters, among them node 1, each with a number from 0. */
  private static Map<Long, Long> voters(long seed, int valueMax) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Long, Long> values = new TreeMap<>();
    values.put(1L, (long) random.nextInt(valueMax + 1));
    int others = random.nextInt(9);
    for (int i = 0; i < others; i++) {
      values.put(2L + random.nextInt(30), (long) random.nextInt(valueMax + 1));
    }
    return values;
  }
}
