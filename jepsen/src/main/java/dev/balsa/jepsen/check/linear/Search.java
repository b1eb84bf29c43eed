package dev.balsa.jepsen.check.linear;

import dev.balsa.raft.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Looks for an order of the operations of one object. Used once, by one thread.
 *
 * <p>At each point, the operations that can come next are those that are called before the first
 * return in the list. One of them is taken; if that leads nowhere, it is put back, and another one
 * is taken. What need not be tried, though an order may begin with it:
 *
 * <ul>
 *   <li><b>Anything but a read that is possible.</b> If an operation that never changes the state
 *       is possible, it is taken at once, and nothing else instead: in an order that has it later,
 *       it may be moved to here.
 *   <li><b>Of operations of one kind, any but that which returns first</b>, and optional ones,
 *       which never return, only after all required ones: the two may change places.
 *   <li><b>An optional operation before what is possible in any state.</b> Among all orders, look
 *       at those with the fewest optional operations. If one of them is followed by an operation
 *       that does not care for the state (or by nothing), or if it leaves the state that it found,
 *       it can be left out, and the order had not the fewest. So after an optional operation, only
 *       those are tried that need the state that it left.
 *   <li><b>Writes that nobody observes any more</b>, one by one. Let U be the required operations
 *       that can come next, are possible in any state, and leave one that nothing needs which is
 *       left. In an order, each of them is followed by an operation that does not care for the
 *       state, or by nothing; so each may be taken out and put elsewhere before such an operation.
 *       So if the next operation does not care for the state, all of U may stand before it.
 *   <li><b>Leaving a state that is still needed</b> and that nothing left produces: no order.
 * </ul>
 *
 * <p>All but the second rest on footprints ({@link Model.Footprint}), the first on the model's word
 * that the operation reads only. Moving a read to the front keeps the third: should an optional
 * operation be followed by one that does not care for the state then, it goes as well.
 */
final class Search {
  /** Takes all writes that nobody observes; other moves are operations, or size + kind. */
  private static final int UNOBSERVED = -1;

  private final Problem problem;
  private final int size;
  private final Entries entries;
  private final Counts counts;
  private final Configurations configurations = new Configurations();

  /** The required operations taken, a bit each. */
  private final long[] taken;

  /** By kind: optional operations taken. */
  private final int[] used;

  /** What was taken, in this order: operations, or size + kind. */
  private final int[] trail;

  private int trailSize;
  private int state;

  /** Whether the next operation must need the state. */
  private boolean bound;

  /** By kind: scratch for {@link #moves}. */
  private final int[] best;

  /** A point of the search, and what is left to try from it. */
  private static final class Point {
    final int trailSize;
    final int state;
    final boolean bound;
    final int[] moves;
    int tried;

    Point(int trailSize, int state, boolean bound, int[] moves) {
      this.trailSize = trailSize;
      this.state = state;
      this.bound = bound;
      this.moves = moves;
    }
  }

  private Search(Problem problem) {
    this.problem = problem;
    this.size = problem.required.length;
    this.entries = new Entries(problem);
    this.counts = new Counts(problem);
    this.taken = new long[(size + Long.SIZE - 1) / Long.SIZE];
    this.used = new int[problem.kinds()];
    this.best = new int[problem.kinds()];
    int optional = Arrays.stream(problem.optional).mapToInt(ops -> ops.length).sum();
    this.trail = new int[size + optional];
    this.state = problem.initial;
  }

  /**
   * Decides.
   *
   * @throws IllegalArgumentException if the model has no such operation
   */
  static Decision decide(Model model, List<Operation> operations, Budget budget) {
    return new Search(new Problem(model, operations)).run(budget);
  }

  private Decision run(Budget budget) {
    Deque<Point> points = new ArrayDeque<>();
    takeReads();
    points.push(point());
    while (!entries.isEmpty()) {
      Point point = points.peek();
      if (point == null) {
        return decision(Decision.Kind.NOT, List.of(), "");
      }
      back(point);
      if (point.tried == point.moves.length) {
        points.pop();
        continue;
      }
      if (go(point.moves[point.tried++])) {
        String exceeded = budget.exceeded(configurations);
        if (!exceeded.isEmpty()) {
          return decision(Decision.Kind.UNDECIDED, List.of(), exceeded);
        }
        points.push(point());
      }
    }
    return decision(Decision.Kind.LINEARIZABLE, order(), "");
  }

  private Decision decision(Decision.Kind kind, List<Operation> order, String reason) {
    return new Decision(kind, order, reason, configurations.size());
  }

  private Point point() {
    return new Point(trailSize, state, bound, moves());
  }

  private void back(Point point) {
    while (trailSize > point.trailSize) {
      int last = trail[--trailSize];
      if (last < size) {
        taken[last / Long.SIZE] &= ~(1L << last);
        counts.required(problem.kindOf[last], 1);
        entries.unlift(last);
      } else {
        used[last - size]--;
        counts.optional(last - size, 1);
      }
    }
    state = point.state;
    bound = point.bound;
  }

  /** Makes a move; false if it leads nowhere. */
  private boolean go(int move) {
    int before = state;
    if (move == UNOBSERVED) {
      takeUnobserved();
    } else if (move < size) {
      state = problem.step(state, problem.kindOf[move]);
      bound = false;
      take(move);
    } else {
      int kind = move - size;
      state = problem.step(state, kind);
      bound = problem.footprints;
      trail[trailSize++] = move;
      used[kind]++;
      counts.optional(kind, -1);
    }
    Invariant.check(state != Problem.NONE, "move %d is not possible", move);
    if (before != state && counts.isMissed(before)) {
      return false;
    }
    takeReads();
    // States that nothing needs are all the same.
    int seen = counts.isObserved(state) ? state : Problem.NONE;
    return configurations.add(taken, seen, bound, used);
  }

  private void take(int operation) {
    trail[trailSize++] = operation;
    taken[operation / Long.SIZE] |= 1L << operation;
    counts.required(problem.kindOf[operation], -1);
    entries.lift(operation);
  }

  private void takeReads() {
    boolean more = true;
    while (more && !entries.isEmpty()) {
      more = false;
      for (int e = entries.first(); entries.isCall(e); e = entries.after(e)) {
        int kind = problem.kindOf[e];
        if (problem.readsOnly[kind] && problem.step(state, kind) == state) {
          take(e);
          bound = false;
          more = true;
        }
      }
    }
  }

  private void takeUnobserved() {
    int last = Problem.NONE;
    int e = entries.first();
    // Those alone that could come next when this began: a lifted return no longer ends the walk.
    long firstReturn = firstReturn();
    while (entries.isCall(e) && problem.callAt[e] < firstReturn) {
      int next = entries.after(e);
      if (isUnobserved(problem.kindOf[e])) {
        take(e);
        last = problem.leaves[problem.kindOf[e]];
      }
      e = next;
    }
    state = last;
  }

  private boolean isUnobserved(int kind) {
    return isCareless(kind) && !counts.isObserved(problem.leaves[kind]);
  }

  /** Whether operations of a kind are possible in any state, and always leave the same. */
  private boolean isCareless(int kind) {
    return problem.footprints && problem.needs[kind] == Problem.NONE;
  }

  /** When the first operation returns that is not taken yet. */
  private long firstReturn() {
    int e = entries.first();
    while (entries.isCall(e)) {
      e = entries.after(e);
    }
    return problem.returnAt[entries.returning(e)];
  }

  /** What to try from here, the most promising first. */
  private int[] moves() {
    if (entries.isEmpty()) {
      return new int[0];
    }
    Arrays.fill(best, Problem.NONE);
    List<Integer> moves = new ArrayList<>();
    boolean unobserved = false;
    for (int e = entries.first(); entries.isCall(e); e = entries.after(e)) {
      int kind = problem.kindOf[e];
      if (best[kind] == Problem.NONE || problem.returnAt[e] < problem.returnAt[best[kind]]) {
        best[kind] = e;
      }
      unobserved |= !bound && isUnobserved(kind);
    }
    boolean careless = !bound && !unobserved;
    for (int kind = 0; kind < best.length; kind++) {
      if (best[kind] != Problem.NONE && isWorthTrying(kind, careless)) {
        moves.add(best[kind]);
      }
    }
    moves.sort(Comparator.comparingLong(operation -> problem.returnAt[operation]));
    if (unobserved) {
      moves.add(UNOBSERVED);
    }
    long firstReturn = firstReturn();
    for (int kind = 0; kind < best.length; kind++) {
      Operation[] optional = problem.optional[kind];
      if (best[kind] == Problem.NONE
          && used[kind] < optional.length
          && Reduction.callAt(optional[used[kind]]) < firstReturn
          && isWorthTrying(kind, careless)
          && isOptionalWorthTrying(kind)) {
        moves.add(size + kind);
      }
    }
    return moves.stream().mapToInt(Integer::intValue).toArray();
  }

  private boolean isWorthTrying(int kind, boolean careless) {
    return (careless || !isCareless(kind)) && problem.step(state, kind) != Problem.NONE;
  }

  private boolean isOptionalWorthTrying(int kind) {
    int after = problem.step(state, kind);
    return after != state && counts.isObserved(after);
  }

  private List<Operation> order() {
    int[] next = new int[problem.kinds()];
    List<Operation> order = new ArrayList<>();
    for (int i = 0; i < trailSize; i++) {
      int move = trail[i];
      order.add(
          move < size
              ? problem.required[move]
              : problem.optional[move - size][next[move - size]++]);
    }
    return order;
  }
}
