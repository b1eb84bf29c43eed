package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.db.Transaction.Kind;
import java.util.Locale;

/** What the reads of a run promise. */
public enum ReadLevel {
  /** All that was acknowledged to anybody before. */
  LINEARIZABLE(Kind.READ),
  /** The same, by the leader's lease. */
  LEASE(Kind.LEASE_READ),
  /**
   * On whichever node, all that the same client has written and read before: each passes on the
   * bookmark that it got last.
   */
  STALE(Kind.STALE_READ);

  private final Kind kind;

  ReadLevel(Kind kind) {
    this.kind = kind;
  }

  /** Of a transaction that only reads. */
  public Kind kind() {
    return kind;
  }

  /** The word for it on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The level of a word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ReadLevel of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
