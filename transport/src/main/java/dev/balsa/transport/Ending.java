package dev.balsa.transport;

/**
 * Why a connection, or the attempt to make one, ended.
 *
 * @param cause what sort of reason
 * @param text the reason, for the log
 */
record Ending(Cause cause, String text) {
  /** Sorts of reasons. */
  enum Cause {
    /** The network: the other side can't be reached, or is silent. */
    NETWORK,
    /** The other side has closed the connection, or its system knows of none. */
    GONE,
    /** The other side said why it does not want us. */
    REFUSED,
    /** The other side broke the protocol, or is not whom we expected. */
    VIOLATION,
    /** The other side speaks a version of the protocol that this one does not. */
    UNKNOWN_VERSION,
    /** This node closed it, in good order. */
    CLOSED_HERE
  }

  static Ending network(String text) {
    return new Ending(Cause.NETWORK, text);
  }

  static Ending network(Throwable thrown) {
    String message = thrown.getMessage();
    return network(message == null ? thrown.getClass().getSimpleName() : message);
  }

  static Ending gone(String text) {
    return new Ending(Cause.GONE, text);
  }

  static Ending refused(String text) {
    return new Ending(Cause.REFUSED, text);
  }

  static Ending violation(ProtocolViolation violation) {
    return new Ending(
        violation instanceof ProtocolViolation.UnknownVersion
            ? Cause.UNKNOWN_VERSION
            : Cause.VIOLATION,
        String.valueOf(violation.getMessage()));
  }

  /** Whether the other side said what this node does not accept. */
  boolean isViolation() {
    return cause == Cause.VIOLATION || cause == Cause.UNKNOWN_VERSION;
  }

  static Ending violation(String text) {
    return new Ending(Cause.VIOLATION, text);
  }

  static Ending closedHere(String text) {
    return new Ending(Cause.CLOSED_HERE, text);
  }
}
