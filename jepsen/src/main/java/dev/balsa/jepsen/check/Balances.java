package dev.balsa.jepsen.check;

import java.util.Comparator;
import java.util.List;

/**
 * Whether some of several transfers explain how much balances have changed. Used once, by one
 * thread.
 *
 * <p>Goes through the transfers with and without each; a way ends where what is left of an
 * account's change is more than the transfers that are left can move. Of equal transfers, the first
 * ones are taken.
 */
final class Balances {
  /** The answer. */
  enum Answer {
    /** Some do. */
    EXPLAINED,
    /** None do. */
    UNEXPLAINED,
    /** There are too many ways to say. */
    UNDECIDED
  }

  /**
   * A transfer.
   *
   * @param from number of the account
   * @param to number of the account
   * @param amount what is moved, at least 0
   */
  record Move(int from, int to, long amount) {}

  /** Bounds the depth of the recursion. */
  private static final int MOVES_MAX = 1_000;

  private final List<Move> moves;
  private final long[] missing;
  private final long[] canLeave;
  private final long[] canCome;
  private long stepsLeft;

  private Balances(List<Move> moves, long[] change, long stepsMax) {
    this.moves =
        moves.stream()
            .sorted(
                Comparator.comparingInt(Move::from)
                    .thenComparingInt(Move::to)
                    .thenComparing(Comparator.comparingLong(Move::amount).reversed()))
            .toList();
    this.missing = change.clone();
    this.canLeave = new long[change.length];
    this.canCome = new long[change.length];
    this.stepsLeft = stepsMax;
    for (Move move : moves) {
      canLeave[move.from()] += move.amount();
      canCome[move.to()] += move.amount();
    }
  }

  /**
   * Decides.
   *
   * @param possible transfers, of which any may have happened
   * @param change of each account's balance
   * @param stepsMax how much to spend
   */
  static Answer explain(List<Move> possible, long[] change, long stepsMax) {
    Balances balances = new Balances(possible, change, stepsMax);
    for (int account = 0; account < change.length; account++) {
      if (!balances.isReachable(account)) {
        return Answer.UNEXPLAINED;
      }
    }
    return possible.size() > MOVES_MAX ? Answer.UNDECIDED : balances.from(0, false);
  }

  private boolean isReachable(int account) {
    return -canLeave[account] <= missing[account] && missing[account] <= canCome[account];
  }

  /**
   * Whether the transfers from one on explain what is missing.
   *
   * @param passed whether the one before was not taken
   */
  private Answer from(int index, boolean passed) {
    if (index == moves.size()) {
      return Answer.EXPLAINED; // What cannot be moved any more is not missing, by isReachable.
    }
    if (stepsLeft-- <= 0) {
      return Answer.UNDECIDED;
    }
    Move move = moves.get(index);
    canLeave[move.from()] -= move.amount();
    canCome[move.to()] -= move.amount();
    boolean symmetric = passed && move.equals(moves.get(index - 1));
    Answer answer = Answer.UNEXPLAINED;
    if (!symmetric) {
      change(move, move.amount());
      answer = next(index, move, false);
      change(move, -move.amount());
    }
    if (answer == Answer.UNEXPLAINED) {
      answer = next(index, move, true);
    }
    canLeave[move.from()] += move.amount();
    canCome[move.to()] += move.amount();
    return answer;
  }

  private Answer next(int index, Move move, boolean passed) {
    return isReachable(move.from()) && isReachable(move.to())
        ? from(index + 1, passed)
        : Answer.UNEXPLAINED;
  }

  private void change(Move move, long amount) {
    missing[move.from()] += amount;
    missing[move.to()] -= amount;
  }
}
