package dev.balsa.raft.model;

import static dev.balsa.raft.model.Bounds.Feature.CRASHES;
import static dev.balsa.raft.model.Bounds.Feature.FROM_A_LEADER;
import static dev.balsa.raft.model.Bounds.Feature.FROM_THE_BEGINNING;
import static dev.balsa.raft.model.Bounds.Feature.HEARTBEATS;
import static dev.balsa.raft.model.Bounds.Feature.PRE_VOTES_TRAVEL;
import static dev.balsa.raft.model.Bounds.Feature.PROPOSALS;
import static dev.balsa.raft.model.Bounds.Feature.SLOW_DISKS;
import static dev.balsa.raft.model.Bounds.Feature.SLOW_MACHINES;
import static dev.balsa.raft.model.Bounds.Feature.SNAPSHOTS;
import static dev.balsa.raft.model.Bounds.Feature.STALLS;
import static dev.balsa.raft.model.Bounds.Feature.TORN_WRITES;
import static dev.balsa.raft.model.Bounds.Feature.TRANSFERS;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.MemberRole;
import java.util.List;
import java.util.Set;

/** What is explored of the sound core. */
final class Models {
  private static final List<Integer> ALL_ALIKE = List.of(1, 2, 3);

  /** Elections, replication, durability, reads. */
  static final Bounds REPLICATION =
      new Bounds(
          "replication",
          Bounds.threeVoters(),
          ALL_ALIKE,
          3,
          3,
          3,
          1,
          2,
          1,
          0,
          Set.of(
              CRASHES,
              TORN_WRITES,
              SLOW_DISKS,
              PROPOSALS,
              HEARTBEATS,
              FROM_A_LEADER,
              FROM_THE_BEGINNING),
          List.of());

  /** Few messages at a time, so that more can happen one after the other. */
  static final Bounds LONG_WAYS =
      new Bounds(
          "long ways",
          Bounds.threeVoters(),
          ALL_ALIKE,
          4,
          2,
          1,
          0,
          0,
          0,
          0,
          Set.of(CRASHES, SLOW_DISKS, PROPOSALS, HEARTBEATS, FROM_A_LEADER),
          List.of());

  /** Pre-votes among all other messages. */
  static final Bounds PRE_VOTES =
      new Bounds(
          "pre-votes",
          Bounds.threeVoters(),
          ALL_ALIKE,
          2,
          2,
          3,
          1,
          2,
          0,
          0,
          Set.of(PRE_VOTES_TRAVEL, CRASHES, HEARTBEATS, FROM_A_LEADER, FROM_THE_BEGINNING),
          List.of());

  /** Nodes 2 and 3 lose their vote and get it back; leadership is transferred. */
  static final Bounds MEMBERSHIP =
      new Bounds(
          "membership",
          Bounds.threeVoters(),
          List.of(),
          2,
          4,
          2,
          0,
          1,
          0,
          0,
          Set.of(CRASHES, TRANSFERS, HEARTBEATS, FROM_A_LEADER),
          List.of(
              Bounds.threeVoters(),
              Bounds.threeVoters().with(3, MemberRole.STANDBY),
              Bounds.threeVoters().without(1),
              Configuration.ofVoters(List.of(1L))));

  /** Snapshots are taken and sent, logs are compacted. */
  static final Bounds SNAPSHOT =
      new Bounds(
          "snapshots",
          Bounds.threeVoters(),
          ALL_ALIKE,
          2,
          3,
          2,
          1,
          1,
          0,
          0,
          Set.of(
              CRASHES,
              TORN_WRITES,
              SLOW_DISKS,
              SLOW_MACHINES,
              PROPOSALS,
              HEARTBEATS,
              SNAPSHOTS,
              FROM_A_LEADER),
          List.of());

  /** Reads by lease, while time passes alike on all nodes, or not at all on one that notices. */
  static final Bounds LEASES =
      new Bounds(
          "leases",
          Bounds.threeVoters(),
          ALL_ALIKE,
          2,
          2,
          2,
          0,
          1,
          1,
          2,
          Set.of(CRASHES, PROPOSALS, TRANSFERS, STALLS, FROM_A_LEADER),
          List.of());

  private Models() {}
}
