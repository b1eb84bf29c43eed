package dev.balsa.jepsen.check.linear;

import java.util.Arrays;
import java.util.List;

/**
 * Leaves out operations of unknown outcome that make no difference, and bounds others, where every
 * operation has a footprint ({@link Model.Footprint}). The reduced operations can be ordered if and
 * only if the given ones can.
 *
 * <p>An operation is <i>optional</i> if its outcome is unknown, else <i>required</i>. It
 * <i>observes</i> the state that it needs, and <i>produces</i> the one that it leaves if that is
 * another. The rules, repeated while any of them does something:
 *
 * <ol>
 *   <li><b>What leaves the state that it needs</b> is left out, if it is optional: without it, all
 *       others find the same states.
 *   <li><b>What nobody observes later.</b> Optional p leaves v, and all that observe v have
 *       returned before p is called. Take an order of the operations with p in it. What comes next
 *       after p finds the state v. It does not observe v, since it comes after p; so it is possible
 *       in any state, and leaves the same one whatever it finds. (Or nothing comes next.) Without p
 *       the order is good as well. So p may be left out, and it need not take effect anyway.
 *   <li><b>What is never possible.</b> Optional p needs a, which is not the initial state, and no
 *       operation produces it. In no order does p take effect.
 *   <li><b>What must have happened.</b> p is optional and the only one to produce v, which is not
 *       the initial state; a required operation q observes v. In each order, p comes before q,
 *       which comes before its own return. So p takes effect, and before q returns: it is required,
 *       with a return just before that one of q's that returns first. No order is lost. (If that is
 *       before p's call, there is no order at all; p is left as it is for the search to find that.)
 * </ol>
 *
 * <p>So where each write has a value of its own, only those of unknown outcome remain that must
 * have happened, and none is optional any more.
 */
final class Reduction {
  /** Of what need not return. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int NONE = -1;
  private static final int SEVERAL = -2;

  private final int[] needs;
  private final int[] leaves;
  private final int initial;
  private final long[] callAt;
  private final long[] returnAt;
  private final boolean[] alive;

  /** By state: its only producer, {@link #NONE} or {@link #SEVERAL}. */
  private final int[] producer;

  /** By state: when the last of its observers returns. */
  private final long[] lastObserved;

  /** By state: when the first of its required observers returns. */
  private final long[] firstObserved;

  /**
   * Prepares a reduction.
   *
   * @param needs by operation, the number of the state it needs, or negative if it needs none
   * @param leaves by operation, the number of the state it leaves
   * @param states how many states there are
   * @param initial the number of the initial one
   */
  Reduction(List<Operation> operations, int[] needs, int[] leaves, int states, int initial) {
    this.needs = needs;
    this.leaves = leaves;
    this.initial = initial;
    this.callAt = operations.stream().mapToLong(Reduction::callAt).toArray();
    this.returnAt = operations.stream().mapToLong(Reduction::returnAt).toArray();
    this.alive = new boolean[needs.length];
    Arrays.fill(alive, true);
    this.producer = new int[states];
    this.lastObserved = new long[states];
    this.firstObserved = new long[states];
  }

  /** When an operation is called: events are at even moments, so that there is room between. */
  static long callAt(Operation operation) {
    return 2L * operation.invoked();
  }

  /** When an operation returns. */
  static long returnAt(Operation operation) {
    return operation.isRequired() ? 2L * operation.completed() : NEVER;
  }

  /** Applies the rules. */
  void run() {
    boolean changed = true;
    while (changed) {
      survey();
      changed = false;
      for (int i = 0; i < alive.length; i++) {
        if (alive[i] && returnAt[i] == NEVER) {
          changed |= apply(i);
        }
      }
    }
  }

  private void survey() {
    Arrays.fill(producer, NONE);
    Arrays.fill(lastObserved, -1);
    Arrays.fill(firstObserved, NEVER);
    for (int i = 0; i < alive.length; i++) {
      if (!alive[i]) {
        continue;
      }
      if (needs[i] >= 0) {
        lastObserved[needs[i]] = Math.max(lastObserved[needs[i]], returnAt[i]);
        firstObserved[needs[i]] = Math.min(firstObserved[needs[i]], returnAt[i]);
      }
      if (needs[i] != leaves[i]) {
        producer[leaves[i]] = producer[leaves[i]] == NONE ? i : SEVERAL;
      }
    }
  }

  /** Whether a rule did something with an optional operation. */
  private boolean apply(int i) {
    int left = leaves[i];
    boolean changesNothing = needs[i] == left;
    boolean unobserved = lastObserved[left] < callAt[i];
    boolean impossible = needs[i] >= 0 && needs[i] != initial && producer[needs[i]] == NONE;
    if (changesNothing || unobserved || impossible) {
      alive[i] = false;
      return true;
    }
    long first = firstObserved[left];
    // Odd moments are those of returns that were found here. Of two at the same moment either may
    // stand first: both must be taken before what is next, and that takes the producer first.
    long bound = first % 2 == 0 ? first - 1 : first;
    if (left != initial && producer[left] == i && first != NEVER && bound > callAt[i]) {
      returnAt[i] = bound;
      return true;
    }
    return false;
  }

  /** Whether an operation is still there. */
  boolean isAlive(int operation) {
    return alive[operation];
  }

  /** When an operation returns now; {@link #NEVER} if it is optional. */
  long returnAt(int operation) {
    return returnAt[operation];
  }
}
