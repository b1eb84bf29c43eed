package dev.balsa.raft.sim;

/** The invariants. */
final class Checks {
  private Checks() {}

  /** Which of them. */
  enum Scope {
    /** All. */
    ALL,
    /** Only those about what a cluster's users could see, in the end. */
    CONSEQUENCES
  }

  static Check[] of(Life life, Scope scope) {
    if (scope == Scope.CONSEQUENCES) {
      return new Check[] {
        new ElectionSafety(),
        new LogMatching(),
        new LeaderAppendOnly(),
        new LeaderCompleteness(life),
        new StateMachineSafety(life),
        new CommittedIsImmutable(life),
        new LinearizableReads(life),
      };
    }
    return new Check[] {
      new ElectionSafety(),
      new OneVotePerTerm(),
      new ElectedByAQuorum(),
      new LogMatching(),
      new LeaderAppendOnly(),
      new LeaderCompleteness(life),
      new StateMachineSafety(life),
      new AppliedIsDurable(),
      new CommittedIsOnAQuorum(life),
      new CommittedIsImmutable(life),
      new DurabilityOfPromises(life),
      new LinearizableReads(life),
      new Monotonicity(),
      new ConfigurationSafety(life),
      new ConfigurationIsTheLogs(),
      new MembersOnly(),
      new SnapshotEqualsLogPrefix(life),
      new ProposalsKeepTheirPlace(),
    };
  }
}
