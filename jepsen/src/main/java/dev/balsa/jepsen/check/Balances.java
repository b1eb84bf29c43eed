package dev.balsa.jepsen.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether some of several transfers explain how much balances have changed. Used once, by one
 * thread.
 *
 * <p>Goes through the transfers, the large ones first, with as many of each group of equal ones as
 * bring the accounts nearest to what is wanted, and then with fewer and with more. A way ends where
 * what is left of an account's change is more than the transfers that are left can move. So where
 * there are many explanations, one is found soon.
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
  record Move(int from, int to, long amount) {
    boolean changesNothing() {
      return from == to || amount == 0;
    }
  }

  private record Group(Move move, int size) {}

  /** Bounds the depth of the recursion. */
  private static final int GROUPS_MAX = 1_000;

  private final List<Group> groups = new ArrayList<>();
  private final long[] missing;
  private final long[] canLeave;
  private final long[] canCome;
  private long stepsLeft;

  private Balances(List<Move> moves, long[] change, long stepsMax) {
    this.missing = change.clone();
    this.canLeave = new long[change.length];
    this.canCome = new long[change.length];
    this.stepsLeft = stepsMax;
    Map<Move, Integer> sizes = new LinkedHashMap<>();
    for (Move move : moves) {
      if (!move.changesNothing()) {
        sizes.merge(move, 1, Integer::sum);
        canLeave[move.from()] += move.amount();
        canCome[move.to()] += move.amount();
      }
    }
    sizes.forEach((move, size) -> groups.add(new Group(move, size)));
    groups.sort(Comparator.comparingLong((Group group) -> group.move().amount()).reversed());
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
    return balances.groups.size() > GROUPS_MAX ? Answer.UNDECIDED : balances.from(0);
  }

  private boolean isReachable(int account) {
    return -canLeave[account] <= missing[account] && missing[account] <= canCome[account];
  }

  /** Whether the groups from one on explain what is missing. */
  private Answer from(int index) {
    if (index == groups.size()) {
      return Answer.EXPLAINED; // What cannot be moved any more is not missing, by isReachable.
    }
    Group group = groups.get(index);
    Move move = group.move();
    long all = move.amount() * group.size();
    canLeave[move.from()] -= all;
    canCome[move.to()] -= all;
    Answer answer = Answer.UNEXPLAINED;
    int preferred = preferred(group);
    for (int away = 0; away <= group.size() && answer == Answer.UNEXPLAINED; away++) {
      if (preferred - away >= 0) {
        answer = with(index, move, preferred - away);
      }
      if (answer == Answer.UNEXPLAINED && away > 0 && preferred + away <= group.size()) {
        answer = with(index, move, preferred + away);
      }
    }
    canLeave[move.from()] += all;
    canCome[move.to()] += all;
    return answer;
  }

  /** How many of a group bring both of its accounts nearer to what is wanted. */
  private int preferred(Group group) {
    Move move = group.move();
    long wanted = Math.min(-missing[move.from()], missing[move.to()]) / move.amount();
    return (int) Math.max(0, Math.min(group.size(), wanted));
  }

  private Answer with(int index, Move move, int count) {
    if (stepsLeft-- <= 0) {
      return Answer.UNDECIDED;
    }
    long amount = move.amount() * count;
    missing[move.from()] += amount;
    missing[move.to()] -= amount;
    Answer answer =
        isReachable(move.from()) && isReachable(move.to()) ? from(index + 1) : Answer.UNEXPLAINED;
    missing[move.from()] -= amount;
    missing[move.to()] += amount;
    return answer;
  }
}
