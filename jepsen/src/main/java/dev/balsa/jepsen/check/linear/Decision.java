package dev.balsa.jepsen.check.linear;

import java.util.List;

/**
 * Whether there is an order in which the operations of one object make sense.
 *
 * @param kind the answer
 * @param order such an order, of what has taken effect, if there is one
 * @param reason why nothing could be decided, if so; else empty
 * @param configurations how many were looked at
 */
record Decision(Kind kind, List<Operation> order, String reason, long configurations) {
  /** The answer. */
  enum Kind {
    /** There is. */
    LINEARIZABLE,
    /** There is none. */
    NOT,
    /** A limit was reached. */
    UNDECIDED
  }

  boolean isNot() {
    return kind == Kind.NOT;
  }
}
