package dev.balsa.fsm;

/**
 * What a check of a stopped node's files has found of one thing.
 *
 * @param what the thing: "catalogue", or "database" with its name
 * @param verdict how it is
 * @param text in one line
 */
public record Finding(String what, Verdict verdict, String text) {
  /** How something is. */
  public enum Verdict {
    /** A node can start on it, and it is what the log says. */
    GOOD,
    /** It is not what the log says, or cannot be read as what it is. */
    DAMAGED,
    /** It could not be checked. */
    UNKNOWN
  }

  static Finding good(String what, String text) {
    return new Finding(what, Verdict.GOOD, text);
  }

  static Finding damaged(String what, String text) {
    return new Finding(what, Verdict.DAMAGED, text);
  }

  static Finding unknown(String what, String text) {
    return new Finding(what, Verdict.UNKNOWN, text);
  }
}
