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

  Ballot(Ballot from) {
    membership = new Membership(from.membership);
    granted.addAll(from.granted);
    refused.addAll(from.refused);
  }

  void describe(StateSink sink) {
    sink.begin("membership");
    sink.configuration(membership.configuration());
    sink.end();
    describe(sink, "granted", granted);
    describe(sink, "refused", refused);
  }

  private static void describe(StateSink sink, String field, Set<Long> voters) {
    for (long voter : voters) {
      sink.begin(field);
      sink.node("voter", voter);
      sink.end();
    }
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
