package dev.balsa.raft.model;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.MemberRole;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is explored, and how far. All else is unlimited: the number of crashes, of timeouts, of
 * heartbeats, of messages lost.
 *
 * @param name of this model
 * @param initial the cluster's first configuration; its nodes are those with ids from 1
 * @param alike nodes that start alike, and may take each other's place
 * @param termMax no node goes beyond that term
 * @param indexMax nobody proposes an entry above that index
 * @param inFlightMax messages on their way at a time; of what would be more, some are lost
 * @param copiesMax messages on their way at a time that have already been delivered once
 * @param loseAbove a message may be lost at any time while more than so many are on their way
 * @param readsMax reads that wait for an answer at a time
 * @param leaseTicks the leader's lease; with one, time passes on all nodes alike
 * @param features what can happen beside
 * @param targets configurations that may be proposed
 */
public record Bounds(
    String name,
    Configuration initial,
    List<Integer> alike,
    int termMax,
    int indexMax,
    int inFlightMax,
    int copiesMax,
    int loseAbove,
    int readsMax,
    int leaseTicks,
    Set<Feature> features,
    List<Configuration> targets) {
  /** What can be left out of a model to see further in what is left. */
  public enum Feature {
    /** Pre-votes travel like all other messages; else those who would grant one do so at once. */
    PRE_VOTES_TRAVEL,
    /** Nodes crash and start again. */
    CRASHES,
    /** A crash tears a write in its middle. */
    TORN_WRITES,
    /** Writes take time; else all are durable at once. */
    SLOW_DISKS,
    /** What is applied takes time; else it is at once. */
    SLOW_MACHINES,
    /** A message carries one entry at most. */
    SMALL_MESSAGES,
    /** Commands are proposed. */
    PROPOSALS,
    /** State machines take snapshots, logs are compacted. */
    SNAPSHOTS,
    /** Leadership is transferred. */
    TRANSFERS,
    /** Leaders send heartbeats, and step down when a quorum is silent. */
    HEARTBEATS,
    /** With leases: a node stands still while time passes on the others, and notices it. */
    STALLS,
    /** Exploration begins with a cluster that has never run. */
    FROM_THE_BEGINNING,
    /** Exploration begins with a leader whose log the others have. */
    FROM_A_LEADER
  }

  /** Checks the bounds, copies the collections. */
  public Bounds {
    alike = List.copyOf(alike);
    features = Set.copyOf(features);
    targets = List.copyOf(targets);
    if (termMax > 14 || inFlightMax > 15 || readsMax > 7) {
      throw new IllegalArgumentException("bounds beyond what can be encoded");
    }
  }

  /** Three voters that start alike. */
  public static Configuration threeVoters() {
    return Configuration.ofVoters(List.of(1L, 2L, 3L));
  }

  /** Voters 1 and 2, and 3 a standby. */
  public static Configuration twoVotersAndAStandby() {
    return Configuration.ofVoters(List.of(1L, 2L)).with(3, MemberRole.STANDBY);
  }

  boolean has(Feature feature) {
    return features.contains(feature);
  }

  int nodes() {
    return initial.nodes().size();
  }

  boolean timePassesAlike() {
    return leaseTicks > 0;
  }

  @Override
  public String toString() {
    return name
        + ": terms <= "
        + termMax
        + ", entries <= "
        + indexMax
        + ", in flight <= "
        + inFlightMax
        + " (second copies <= "
        + copiesMax
        + ", lost above "
        + loseAbove
        + "), reads <= "
        + readsMax
        + (leaseTicks > 0 ? ", lease of " + leaseTicks + " ticks" : "")
        + (targets.isEmpty() ? "" : ", configurations " + targets.size())
        + ", "
        + new TreeSet<>(features);
  }
}
