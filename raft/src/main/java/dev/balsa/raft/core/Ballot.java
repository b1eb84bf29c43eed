package dev.balsa.raft.core;

import java.util.Set;
import java.util.TreeSet;

/** The votes that a candidate, or one who would be, has been given and refused. */
final class Ballot {
  private final Membership membership;
  private final Set<Long> granted = new TreeSet<>();
  private final Set<Long> refused = new TreeSet<>();

  Ballot(Membership membership) {
    this.membership = membership;
  }

  void count(long voter, boolean isGranted) {
    (isGranted ? granted : refused).add(voter);
  }

  boolean isWon() {
    return membership.decides(granted::contains);
  }

  boolean isLost() {
    return !isWon() && membership.blocks(refused::contains);
  }
}
