package dev.balsa.raft.model;

import static dev.balsa.raft.model.Bounds.Feature.CRASHES;
import static dev.balsa.raft.model.Bounds.Feature.FROM_A_LEADER;
import static dev.balsa.raft.model.Bounds.Feature.FROM_THE_BEGINNING;
import static dev.balsa.raft.model.Bounds.Feature.HEARTBEATS;
import static dev.balsa.raft.model.Bounds.Feature.PROPOSALS;
import static dev.balsa.raft.model.Bounds.Feature.SLOW_DISKS;
import static dev.balsa.raft.model.Bounds.Feature.SMALL_MESSAGES;
import static dev.balsa.raft.model.Bounds.Feature.SNAPSHOTS;
import static dev.balsa.raft.model.Bounds.Feature.STALLS;
import static dev.balsa.raft.model.Bounds.Feature.TRANSFERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.BrokenCore;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.model.Bounds.Feature;
import dev.balsa.raft.model.ModelChecker.Result;
import dev.balsa.raft.model.Violated.Property;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The checker is as good as what it finds: each broken core, by a property of the cluster. The
 * core's own checks are overlooked (a node that they would stop takes no such step); so is, for
 * some cores a second time, that a promise is durable, to see what comes of it if it is not.
 */
class BrokenCoresTest {
  private static final Configuration THREE = Bounds.threeVoters();
  private static final List<Integer> ALL = List.of(1, 2, 3);

  /** More than any of them needs. */
  private static final int STATES_MAX = 6_000_000;

  /** A broken core, where to look, and what is found there. */
  record Case(BrokenCore core, Property property, Bounds bounds, Set<Property> overlooked) {
    Case overlooking(Property... more) {
      Set<Property> all = EnumSet.copyOf(overlooked);
      all.addAll(List.of(more));
      return new Case(core, property, bounds, all);
    }

    Case with(Configuration... targets) {
      return of(List.of(), bounds.copiesMax(), bounds.leaseTicks(), List.of(targets));
    }

    Case withCopies() {
      return of(bounds.alike(), 1, bounds.leaseTicks(), bounds.targets());
    }

    Case withLease() {
      return of(bounds.alike(), bounds.copiesMax(), 2, bounds.targets());
    }

    private Case of(List<Integer> alike, int copies, int lease, List<Configuration> targets) {
      Bounds changed =
          new Bounds(
              bounds.name(),
              bounds.initial(),
              alike,
              bounds.termMax(),
              bounds.indexMax(),
              bounds.inFlightMax(),
              copies,
              bounds.loseAbove(),
              bounds.readsMax(),
              lease,
              bounds.features(),
              targets);
      return new Case(core, property, changed, overlooked);
    }

    @Override
    public String toString() {
      return core + " breaks: " + property;
    }
  }

  private static Case broken(
      BrokenCore core,
      Property property,
      int terms,
      int entries,
      int inFlight,
      int reads,
      Feature... features) {
    Bounds bounds =
        new Bounds(
            core.name(),
            THREE,
            ALL,
            terms,
            entries,
            inFlight,
            0,
            inFlight - 1,
            reads,
            0,
            Set.of(features),
            List.of());
    return new Case(core, property, bounds, EnumSet.of(Property.CORE));
  }

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>(ofVotesAndLogs());
    cases.addAll(ofReads());
    cases.addAll(ofMembershipAndSnapshots());
    return cases;
  }

  private static List<Case> ofVotesAndLogs() {
    return List.of(
        broken(
            BrokenCore.VOTE_NOT_PERSISTED,
            Property.PROMISES_ARE_DURABLE,
            1,
            1,
            2,
            0,
            CRASHES,
            SLOW_DISKS,
            FROM_THE_BEGINNING),
        broken(
                BrokenCore.VOTE_NOT_PERSISTED,
                Property.ONE_VOTE_A_TERM,
                1,
                1,
                2,
                0,
                CRASHES,
                SLOW_DISKS,
                FROM_THE_BEGINNING)
            .overlooking(Property.PROMISES_ARE_DURABLE),
        broken(
                BrokenCore.VOTE_NOT_PERSISTED,
                Property.ELECTION_SAFETY,
                1,
                1,
                2,
                0,
                CRASHES,
                SLOW_DISKS,
                FROM_THE_BEGINNING)
            .overlooking(Property.PROMISES_ARE_DURABLE, Property.ONE_VOTE_A_TERM),
        broken(
            BrokenCore.SECOND_VOTE_AFTER_RESTART,
            Property.ONE_VOTE_A_TERM,
            1,
            1,
            2,
            0,
            CRASHES,
            FROM_THE_BEGINNING),
        broken(
            BrokenCore.NO_UP_TO_DATE_CHECK,
            Property.LEADER_COMPLETENESS,
            2,
            2,
            1,
            0,
            PROPOSALS,
            FROM_A_LEADER),
        broken(
            BrokenCore.OWN_VOTE_BEFORE_DURABLE,
            Property.PROMISES_ARE_DURABLE,
            1,
            1,
            2,
            0,
            CRASHES,
            SLOW_DISKS,
            FROM_THE_BEGINNING),
        broken(
            BrokenCore.NO_CONSISTENCY_CHECK,
            Property.LOG_MATCHING,
            3,
            2,
            1,
            0,
            PROPOSALS,
            CRASHES,
            FROM_A_LEADER),
        broken(
                BrokenCore.TRUNCATES_BELOW_COMMIT,
                Property.DURABLE_ON_A_QUORUM,
                1,
                3,
                3,
                0,
                PROPOSALS,
                FROM_A_LEADER)
            .withCopies()
            .overlooking(Property.PROMISES_ARE_DURABLE),
        broken(
            BrokenCore.ACKNOWLEDGED_BEFORE_DURABLE,
            Property.PROMISES_ARE_DURABLE,
            1,
            2,
            1,
            0,
            PROPOSALS,
            SLOW_DISKS,
            FROM_A_LEADER),
        broken(
                BrokenCore.ACKNOWLEDGED_BEFORE_DURABLE,
                Property.DURABLE_ON_A_QUORUM,
                1,
                2,
                1,
                0,
                PROPOSALS,
                SLOW_DISKS,
                FROM_A_LEADER)
            .overlooking(Property.PROMISES_ARE_DURABLE),
        broken(
            BrokenCore.OWN_COPY_BEFORE_DURABLE,
            Property.DURABLE_ON_A_QUORUM,
            1,
            2,
            1,
            0,
            PROPOSALS,
            SLOW_DISKS,
            FROM_A_LEADER),
        broken(
            BrokenCore.COMMIT_BEYOND_MATCH,
            Property.STATE_MACHINE_SAFETY,
            2,
            2,
            1,
            0,
            PROPOSALS,
            HEARTBEATS,
            FROM_A_LEADER),
        broken(
            BrokenCore.HANDED_OVER_BEFORE_COMMIT,
            Property.STATE_MACHINE_SAFETY,
            1,
            2,
            1,
            0,
            PROPOSALS,
            FROM_A_LEADER));
  }

  private static List<Case> ofReads() {
    return List.of(
        broken(
            BrokenCore.READ_BEFORE_NO_OP,
            Property.LINEARIZABLE_READS,
            2,
            2,
            1,
            1,
            PROPOSALS,
            FROM_A_LEADER));
  }

  /** Those that take some hundred thousand states, or a few million. */
  static List<Case> farCases() {
    return List.of(
        broken(
            BrokenCore.LATE_ROUND_COUNTS_AS_NEWEST,
            Property.LINEARIZABLE_READS,
            2,
            1,
            2,
            1,
            HEARTBEATS,
            FROM_A_LEADER),
        broken(
            BrokenCore.STALE_ACKNOWLEDGEMENT,
            Property.STATE_MACHINE_SAFETY,
            2,
            2,
            1,
            0,
            PROPOSALS,
            HEARTBEATS,
            SLOW_DISKS,
            FROM_A_LEADER),
        broken(
            BrokenCore.TAIL_OUTLIVES_SNAPSHOT,
            Property.STATE_MACHINE_SAFETY,
            2,
            2,
            1,
            0,
            PROPOSALS,
            HEARTBEATS,
            SNAPSHOTS,
            FROM_A_LEADER),
        broken( // thesis figure 3.7, with three servers
            BrokenCore.OLD_TERM_COMMITTED_BY_COUNTING,
            Property.LEADER_COMPLETENESS,
            4,
            2,
            1,
            0,
            PROPOSALS,
            CRASHES,
            SMALL_MESSAGES,
            FROM_A_LEADER),
        lateAnswerToALease(),
        lease(BrokenCore.NO_STICKINESS),
        lease(BrokenCore.LEASE_DURING_TRANSFER, TRANSFERS),
        lease(BrokenCore.LEASE_AFTER_LOST_TIME, STALLS),
        lease(BrokenCore.RESTARTED_NODE_VOTES_AT_ONCE, CRASHES));
  }

  private static Case lateAnswerToALease() {
    return broken(
            BrokenCore.LEASE_FROM_ANSWER, Property.LINEARIZABLE_READS, 2, 1, 2, 1, FROM_A_LEADER)
        .withLease();
  }

  private static Case lease(BrokenCore core, Feature... more) {
    Set<Feature> features = EnumSet.of(FROM_A_LEADER, more);
    return broken(core, Property.LINEARIZABLE_READS, 2, 1, 1, 1, features.toArray(new Feature[0]))
        .withLease();
  }

  private static List<Case> ofMembershipAndSnapshots() {
    Configuration one = Configuration.ofVoters(List.of(1L));
    return List.of(
        broken(
                BrokenCore.SINGLE_MAJORITY_IN_JOINT,
                Property.LEADER_COMPLETENESS,
                2,
                3,
                1,
                0,
                FROM_A_LEADER)
            .with(one)
            .overlooking(Property.DURABLE_ON_A_QUORUM),
        broken(
                BrokenCore.CHANGE_BEFORE_COMMIT,
                Property.LEADER_COMPLETENESS,
                3,
                4,
                1,
                0,
                HEARTBEATS,
                FROM_A_LEADER)
            .with(THREE.without(2), THREE.without(3), one),
        broken(
                BrokenCore.OLD_CONFIGURATION_DECIDES,
                Property.DURABLE_ON_A_QUORUM,
                2,
                4,
                1,
                0,
                CRASHES,
                FROM_A_LEADER)
            .with(one, THREE.without(3)),
        broken(
                BrokenCore.NON_VOTER_COUNTS_ITSELF,
                Property.DURABLE_ON_A_QUORUM,
                2,
                4,
                1,
                0,
                FROM_A_LEADER)
            .with(THREE.without(1)),
        broken(
                BrokenCore.CONFIGURATION_OUTLIVES_TRUNCATION,
                Property.CONFIGURATION_OF_THE_LOG,
                2,
                2,
                1,
                0,
                FROM_A_LEADER)
            .with(THREE.without(3)),
        broken(
                BrokenCore.SNAPSHOT_WITHOUT_CONFIGURATION,
                Property.CONFIGURATION_OF_THE_LOG,
                1,
                3,
                1,
                0,
                HEARTBEATS,
                SNAPSHOTS,
                FROM_A_LEADER)
            .with(THREE.with(3, MemberRole.STANDBY)),
        broken(
                BrokenCore.SNAPSHOT_WITHOUT_CONFIGURATION,
                Property.STATE_MACHINE_SAFETY,
                1,
                3,
                1,
                0,
                HEARTBEATS,
                SNAPSHOTS,
                FROM_A_LEADER)
            .with(THREE.with(3, MemberRole.STANDBY))
            .overlooking(Property.CONFIGURATION_OF_THE_LOG));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isFound(Case broken) {
    Result result = find(broken);
    assertThat(result.violated()).as("%s", result).startsWith(broken.property() + ":");
    assertThat(result.counterexample()).contains(broken.property() + ":");
  }

  @ParameterizedTest
  @MethodSource("farCases")
  @Tag("long")
  void isFoundFarther(Case broken) {
    isFound(broken);
  }

  private static Result find(Case broken) {
    Result result =
        ModelChecker.explore(
            broken.bounds(), broken.core().cores(), STATES_MAX, broken.overlooked());
    System.out.println(
        broken + " at depth " + result.depth() + ", of " + result.states() + " states");
    return result;
  }
}
