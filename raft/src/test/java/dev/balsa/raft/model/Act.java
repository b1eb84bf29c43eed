package dev.balsa.raft.model;

import dev.balsa.raft.Invariant;

/** What can happen to one node, as a number: a kind, the node, and an argument. */
final class Act {
  private static final int ARGUMENT_BITS = 23;

  enum Kind {
    DELIVER,
    /** Delivers a message of which a second copy stays on its way. */
    DELIVER_COPY,
    /** Delivers a second copy. */
    DELIVER_LAST,
    /** Loses a message; of all. */
    LOSE,
    /** Time passes until a node stands for election, with the pre-votes that it gets at once. */
    CAMPAIGN,
    /** Time passes on all nodes. */
    TICK_ALL,
    TIME_OUT,
    EXPIRE,
    TICK,
    /** A node stands still for a tick, and notices it. */
    STALL,
    FORCE,
    FORCE_ALL,
    CRASH,
    PROPOSE,
    READ,
    LEASE_READ,
    APPLY,
    SNAPSHOT,
    TRANSFER,
    CONFIGURE
  }

  private static final Kind[] KINDS = Kind.values();

  private Act() {}

  static int of(Kind kind, int node, int argument) {
    Invariant.check(argument < 1 << ARGUMENT_BITS, "%s %s cannot be encoded", kind, argument);
    return place(kind) << (ARGUMENT_BITS + 3) | node << ARGUMENT_BITS | argument;
  }

  private static int place(Kind kind) {
    for (int i = 0; i < KINDS.length; i++) {
      if (KINDS[i] == kind) {
        return i;
      }
    }
    throw new AssertionError(kind);
  }

  static Kind kind(int act) {
    return KINDS[act >>> (ARGUMENT_BITS + 3)];
  }

  static int node(int act) {
    return act >>> ARGUMENT_BITS & 7;
  }

  static int argument(int act) {
    return act & ((1 << ARGUMENT_BITS) - 1);
  }

  /** The argument of {@link Kind#CRASH}. */
  static int crash(int writesKept, int entriesKept) {
    return writesKept << 8 | (entriesKept + 1);
  }

  static int writesKept(int argument) {
    return argument >> 8;
  }

  static int entriesKept(int argument) {
    return (argument & 0xff) - 1;
  }
}
