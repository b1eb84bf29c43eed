package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
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
    Membership membership =
        new Membership(Configuration.ofVoters(reached.keySet()), Decisions.SOUND);
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
    Membership membership =
        new Membership(Configuration.ofVoters(inside.keySet()), Decisions.SOUND);
    assertThat(membership.decides(id -> inside.getOrDefault(id, 0L) > 0))
        .isEqualTo(insiders > inside.size() - insiders);
    assertThat(membership.blocks(id -> inside.getOrDefault(id, 0L) > 0))
        .isEqualTo(outsiders <= inside.size() - outsiders);
  }

  @Property(tries = 50_000, shrinking = ShrinkingMode.OFF)
  void inAJointConfigurationTheLowerOfTwoMajoritiesIsReached(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Long, Long> reached = everybody(random, 6);
    Membership membership = joint(random);
    long expected = 0;
    for (long candidate = 0; candidate <= 6; candidate++) {
      long least = candidate;
      expected =
          isDecided(membership.configuration(), id -> reached.getOrDefault(id, -1L) >= least)
              ? candidate
              : expected;
    }
    assertThat(membership.reached(id -> reached.getOrDefault(id, -1L))).isEqualTo(expected);
  }

  @Property(tries = 50_000, shrinking = ShrinkingMode.OFF)
  void inAJointConfigurationBothMajoritiesDecideAndEitherBlocks(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Long, Long> inside = everybody(random, 1);
    Membership membership = joint(random);
    LongPredicate isInside = id -> inside.getOrDefault(id, 0L) > 0;
    assertThat(membership.decides(isInside))
        .isEqualTo(isDecided(membership.configuration(), isInside));
    assertThat(membership.blocks(isInside))
        .isEqualTo(!isDecided(membership.configuration(), isInside.negate()));
  }

  @Property(tries = 50_000, shrinking = ShrinkingMode.OFF)
  void aBallotIsWonOrLostAsSoonAsNoOtherVoteCanChangeIt(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Membership membership = joint(random);
    Ballot ballot = new Ballot(membership);
    Map<Long, Boolean> votes = new TreeMap<>();
    for (int i = random.nextInt(14); i > 0; i--) {
      long voter = 1L + random.nextInt(12);
      boolean granted = random.nextBoolean();
      votes.putIfAbsent(voter, granted);
      ballot.count(voter, votes.get(voter));
    }
    LongPredicate granted = id -> votes.getOrDefault(id, false);
    LongPredicate grantedOrOpen = id -> votes.getOrDefault(id, true);
    assertThat(ballot.isWon()).isEqualTo(isDecided(membership.configuration(), granted));
    assertThat(ballot.isLost()).isEqualTo(!isDecided(membership.configuration(), grantedOrOpen));
  }

  /** The definition (thesis 4.3), by counting. */
  private static boolean isDecided(Configuration configuration, LongPredicate condition) {
    return isMajority(configuration.voters(), condition)
        && (!configuration.isJoint() || isMajority(configuration.outgoingVoters(), condition));
  }

  private static boolean isMajority(Collection<Long> voters, LongPredicate condition) {
    int inside = 0;
    int outside = 0;
    for (long voter : voters) {
      if (condition.test(voter)) {
        inside++;
      } else {
        outside++;
      }
    }
    return inside > outside;
  }

  /** Up to nine voters each of both configurations, some perhaps the same, and some standbys. */
  private static Membership joint(SplittableRandom random) {
    Configuration before = Configuration.ofVoters(some(random));
    Configuration after = Configuration.ofVoters(some(random));
    for (long id : some(random)) {
      if (!after.members().containsKey(id)) {
        after = after.with(id, random.nextBoolean() ? MemberRole.STANDBY : MemberRole.SPARE);
      }
    }
    return new Membership(random.nextInt(8) == 0 ? after : before.towards(after), Decisions.SOUND);
  }

  private static Set<Long> some(SplittableRandom random) {
    Set<Long> ids = new TreeSet<>();
    for (int i = 1 + random.nextInt(9); i > 0; i--) {
      ids.add(1L + random.nextInt(12));
    }
    return ids;
  }

  private static Map<Long, Long> everybody(SplittableRandom random, int valueMax) {
    Map<Long, Long> values = new TreeMap<>();
    for (long id = 1; id <= 12; id++) {
      values.put(id, (long) random.nextInt(valueMax + 1));
    }
    return values;
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
