package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/** What a client did, what it was told, and when: times count what any client begins and ends. */
final class SimOperation {
  /** What it was told. */
  enum Outcome {
    /** It is done, and what it has read holds. */
    ACKNOWLEDGED,
    NOT_APPLIED,
    /** Or nothing: the node died. */
    UNKNOWN
  }

  /**
   * What it has read, at one moment.
   *
   * @param rows of the history
   * @param last number of the last of them
   * @param sum of their transactions
   * @param balances of all accounts
   * @param tables how many were created
   * @param list which list
   * @param appended what is on it
   * @param bytes of large values
   */
  record Seen(
      long rows,
      long last,
      long sum,
      String balances,
      long tables,
      long list,
      String appended,
      long bytes) {}

  final String kind;
  final int client;
  final long node;
  final int life;
  final long begun;

  /** Unique; 0 for one that does not write to the history. */
  final long transaction;

  long ended = Long.MAX_VALUE;
  Outcome outcome = Outcome.UNKNOWN;
  @Nullable Seen seen;

  /** Whether what it has read may be of the past. */
  boolean stale;

  /** When it began and ended, in virtual time. */
  long begunNanos;

  long endedNanos;

  /** If it is stale, whether by this at most; the largest number if there is no bound. */
  long boundNanos = Long.MAX_VALUE;

  /** If it is stale, a transaction of the same client that it must see; 0 for none. */
  long after;

  /** Where it stands in the history, as it was told itself; 0 if it was not. */
  long position;

  /** Rows of the database that is dropped now and then, if it has read them. */
  java.util.@Nullable Set<Long> rows;

  @Nullable Throwable told;

  SimOperation(String kind, int client, SimNode node, long begun, long transaction) {
    this.kind = kind;
    this.client = client;
    this.node = node.id();
    this.life = node.life();
    this.begun = begun;
    this.transaction = transaction;
  }

  @Override
  public String toString() {
    return kind
        + " "
        + transaction
        + " by client "
        + client
        + " on node "
        + node
        + "/"
        + life
        + " from "
        + begun
        + " to "
        + ended
        + ": "
        + outcome
        + (position == 0 ? "" : ", at " + position)
        + ", saw "
        + (rows == null ? seen : rows)
        + (told == null ? "" : ", told " + told);
  }
}
