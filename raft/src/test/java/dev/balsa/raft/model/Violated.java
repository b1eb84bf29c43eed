package dev.balsa.raft.model;

/** An invariant does not hold. */
class Violated extends Exception {
  private static final long serialVersionUID = 1L;

  private final Property property;

  /** What is checked, on every state and every step. */
  enum Property {
    ELECTION_SAFETY("election safety"),
    LOG_MATCHING("log matching"),
    LEADER_COMPLETENESS("leader completeness"),
    STATE_MACHINE_SAFETY("state machine safety"),
    DURABLE_ON_A_QUORUM("committed is durable on a quorum"),
    ONE_VOTE_A_TERM("one vote a term"),
    PROMISES_ARE_DURABLE("a promise claims only what is durable"),
    CONFIGURATION_OF_THE_LOG("the configuration in force is the newest in the log"),
    LINEARIZABLE_READS("reads are linearizable"),
    CORE("the core's own checks");

    private final String text;

    Property(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  Violated(Property property, String message) {
    super(message);
    this.property = property;
  }

  final Property property() {
    return property;
  }
}
