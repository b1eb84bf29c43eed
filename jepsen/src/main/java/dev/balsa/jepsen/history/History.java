package dev.balsa.jepsen.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A history, checked for its form: indexes count from 0, a process completes what it called before
 * it calls again, and completes nothing else. Not to be changed.
 */
public final class History {
  private static final int NONE = -1;

  private final List<Op> ops;

  /** Of each event, the index of the other one of its pair, or {@link #NONE}. */
  private final int[] other;

  /**
   * Takes the events.
   *
   * @throws IllegalArgumentException if they are no history; says which event is wrong
   */
  public History(List<Op> ops) {
    this.ops = List.copyOf(ops);
    this.other = new int[ops.size()];
    Map<Long, Integer> open = new HashMap<>();
    for (int i = 0; i < other.length; i++) {
      Op op = this.ops.get(i);
      other[i] = NONE;
      if (op.index() != i) {
        throw new IllegalArgumentException("event " + i + " has the index " + op.index());
      }
      if (op.isNemesis()) {
        continue;
      }
      if (op.type() == Op.Type.INVOKE) {
        Integer before = open.put(op.process(), i);
        if (before != null) {
          throw new IllegalArgumentException(
              "process "
                  + op.process()
                  + " calls at "
                  + i
                  + " what it has not ended since "
                  + before);
        }
      } else {
        Integer call = open.remove(op.process());
        if (call == null) {
          throw new IllegalArgumentException(
              "process " + op.process() + " ends at " + i + " what it has not called");
        }
        other[i] = call;
        other[call] = i;
      }
    }
  }

  /** All events. */
  public List<Op> ops() {
    return ops;
  }

  /** What became of a call; empty if the run ended before. */
  public Optional<Op> completion(Op invoke) {
    return pair(invoke);
  }

  /** What was called, of a completion. */
  public Optional<Op> invocation(Op completion) {
    return pair(completion);
  }

  private Optional<Op> pair(Op op) {
    int index = other[op.index()];
    return index == NONE ? Optional.empty() : Optional.of(ops.get(index));
  }

  /** The operations of clients: each call with what became of it, in the order of the calls. */
  public List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Op op : ops) {
      if (!op.isNemesis() && op.type() == Op.Type.INVOKE) {
        calls.add(new Call(op, completion(op)));
      }
    }
    return calls;
  }

  /**
   * An operation.
   *
   * @param invoke the call
   * @param completion what became of it; empty if nobody knows
   */
  public record Call(Op invoke, Optional<Op> completion) {
    /** How it ended; {@link Op.Type#INFO} without a completion. */
    public Op.Type outcome() {
      return completion.map(Op::type).orElse(Op.Type.INFO);
    }

    /** The index of its completion; beyond all others if it never returned or nobody knows. */
    public int returnIndex() {
      return completion
          .filter(op -> op.type() != Op.Type.INFO)
          .map(Op::index)
          .orElse(Integer.MAX_VALUE);
    }
  }
}
