package dev.balsa.jepsen.check.linear;

/**
 * How many of the operations that are not taken yet observe and produce each state. Only with
 * footprints. Used by one thread.
 */
final class Counts {
  private final Problem problem;

  /** By state: required operations that need it. */
  private final int[] requiredObservers;

  /** By state: operations that need it. */
  private final int[] observers;

  /** By state: operations that leave it and need another. */
  private final int[] producers;

  Counts(Problem problem) {
    this.problem = problem;
    this.requiredObservers = new int[problem.states()];
    this.observers = new int[problem.states()];
    this.producers = new int[problem.states()];
    for (int kind : problem.kindOf) {
      required(kind, 1);
    }
    for (int kind = 0; kind < problem.kinds(); kind++) {
      optional(kind, problem.optional[kind].length);
    }
  }

  /** A required operation is taken (-1), or put back (1). */
  void required(int kind, int change) {
    if (problem.footprints && problem.needs[kind] != Problem.NONE) {
      requiredObservers[problem.needs[kind]] += change;
    }
    optional(kind, change);
  }

  /** Optional operations are taken or put back. */
  void optional(int kind, int change) {
    if (!problem.footprints) {
      return;
    }
    if (problem.needs[kind] != Problem.NONE) {
      observers[problem.needs[kind]] += change;
    }
    if (problem.needs[kind] != problem.leaves[kind]) {
      producers[problem.leaves[kind]] += change;
    }
  }

  /** Whether what is left has use for a state. Without footprints, nobody knows. */
  boolean isObserved(int state) {
    return !problem.footprints || observers[state] > 0;
  }

  /** Whether a state that is left now would be missed, since it cannot come again. */
  boolean isMissed(int state) {
    return problem.footprints && requiredObservers[state] > 0 && producers[state] == 0;
  }
}
