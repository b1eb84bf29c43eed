package dev.balsa.jepsen.check;

import dev.balsa.raft.Invariant;
import java.util.ArrayList;
import java.util.List;

/**
 * Transactions each of which must come before the next, and the last before the first.
 *
 * @param steps from one transaction to the next
 */
record Cycle(List<Step> steps) {
  /**
   * One must come before the other.
   *
   * @param from a transaction
   * @param to another one
   * @param kind of {@link DependencyGraph}, without those of helpers
   * @param label as of {@link Dependencies}
   * @param element that is not read; {@link Transactions#NONE} if the label tells
   */
  record Step(int from, int to, int kind, int label, int element) {}

  /** Copies the list. */
  Cycle {
    steps = List.copyOf(steps);
  }

  /**
   * The cycle of some edges. Helpers are taken out, and of several steps in real time one is made.
   *
   * @param names what the nodes are called
   */
  static Cycle of(DependencyGraph graph, int[] edges, int[] names) {
    int first = 0;
    while (graph.isFree(edges[first]) || graph.kind[edges[first]] == DependencyGraph.REALTIME) {
      first++;
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < edges.length; i++) {
      int edge = edges[(first + i) % edges.length];
      int from = names[graph.from[edge]];
      int to = names[graph.to[edge]];
      int kind = graph.kind[edge];
      int label = graph.label[edge];
      int last = steps.size() - 1;
      if (kind == DependencyGraph.UNREAD) {
        Step rw = steps.get(last);
        steps.set(last, new Step(rw.from(), to, rw.kind(), rw.label(), label));
      } else if (kind == DependencyGraph.LATER
          || (kind == DependencyGraph.REALTIME && steps.get(last).kind() == kind)) {
        Step before = steps.get(last);
        steps.set(
            last, new Step(before.from(), to, before.kind(), before.label(), before.element()));
      } else {
        steps.add(new Step(from, to, kind, label, Transactions.NONE));
      }
    }
    for (int i = 0; i < steps.size(); i++) {
      Invariant.check(
          steps.get(i).to() == steps.get((i + 1) % steps.size()).from(), "no cycle: %s", steps);
    }
    return new Cycle(steps);
  }

  /**
   * Its name after Adya ("Weak Consistency", 1999), as Elle has them: by its RW edges, then by
   * whether it has edges of processes or real time.
   */
  String type() {
    int rw = count(DependencyGraph.RW);
    String type;
    if (rw > 1) {
      type = hasAdjacentRw() ? "G2-item" : "G-nonadjacent";
    } else if (rw == 1) {
      type = "G-single";
    } else {
      type = count(DependencyGraph.WR) > 0 ? "G1c" : "G0";
    }
    if (count(DependencyGraph.REALTIME) > 0) {
      return type + "-realtime";
    }
    return count(DependencyGraph.PROCESS) > 0 ? type + "-process" : type;
  }

  private int count(int kind) {
    return (int) steps.stream().filter(step -> step.kind() == kind).count();
  }

  private boolean hasAdjacentRw() {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).kind() == DependencyGraph.RW
          && steps.get((i + 1) % steps.size()).kind() == DependencyGraph.RW) {
        return true;
      }
    }
    return false;
  }
}
