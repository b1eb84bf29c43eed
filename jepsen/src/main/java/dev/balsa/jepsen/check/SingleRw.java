package dev.balsa.jepsen.check;

import dev.balsa.raft.Invariant;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Finds the RW edges from whose end a path without another RW edge leads back to their beginning.
 *
 * <p>Without its RW edges the graph has no cycle here, so that all paths go up in a topological
 * order. 64 RW edges at a time, a sweep in that order tells of each node from the ends of which of
 * them it can be reached: far cheaper than a search for each, when there are many in one component.
 */
final class SingleRw {
  /** So many are enough to choose a short cycle from. */
  private static final int FOUND_MAX = 16;

  /** Edges looked at, in all sweeps: some seconds. */
  private static final long STEPS_MAX = 1_000_000_000L;

  private static final int OTHER_KINDS = DependencyGraph.ALL & ~(1 << DependencyGraph.RW);

  private final DependencyGraph graph;

  /** By place: the node. */
  private final int[] node;

  /** By node: its place. */
  private final int[] place;

  private final long[] reached;
  private long steps;

  SingleRw(DependencyGraph graph) {
    this.graph = graph;
    this.node = new int[graph.nodes()];
    this.place = new int[graph.nodes()];
    this.reached = new long[graph.nodes()];
    sort();
  }

  private void sort() {
    int[] incoming = new int[node.length];
    for (int edge = 0; edge < graph.edges(); edge++) {
      if (graph.isOf(edge, OTHER_KINDS)) {
        incoming[graph.to[edge]]++;
      }
    }
    int end = 0;
    for (int i = 0; i < node.length; i++) {
      if (incoming[i] == 0) {
        node[end++] = i;
      }
    }
    for (int begin = 0; begin < end; begin++) {
      int from = node[begin];
      place[from] = begin;
      for (int edge = graph.start[from]; edge < graph.start[from + 1]; edge++) {
        if (graph.isOf(edge, OTHER_KINDS) && --incoming[graph.to[edge]] == 0) {
          node[end++] = graph.to[edge];
        }
      }
    }
    Invariant.check(end == node.length, "a cycle without rw edges was to be found before");
  }

  /** Some edges as described above, of those that may be; all if there are only a few. */
  IntList find(IntPredicate mayBe) {
    IntList candidates = new IntList();
    for (int edge = 0; edge < graph.edges(); edge++) {
      if (graph.kind[edge] == DependencyGraph.RW
          && place[graph.to[edge]] < place[graph.from[edge]]
          && mayBe.test(edge)) {
        candidates.add(edge);
      }
    }
    long[] byPlace = new long[candidates.size()];
    for (int i = 0; i < byPlace.length; i++) {
      int edge = candidates.get(i);
      byPlace[i] = (long) place[graph.to[edge]] << Integer.SIZE | edge;
    }
    Arrays.sort(byPlace);
    IntList found = new IntList();
    for (int i = 0; i < byPlace.length; i += Long.SIZE) {
      if (found.size() >= FOUND_MAX || steps > STEPS_MAX) {
        break;
      }
      sweep(byPlace, i, Math.min(byPlace.length, i + Long.SIZE), found);
    }
    return found;
  }

  private void sweep(long[] byPlace, int begin, int end, IntList found) {
    int first = place[graph.to[(int) byPlace[begin]]];
    int last = first;
    for (int i = begin; i < end; i++) {
      int edge = (int) byPlace[i];
      reached[place[graph.to[edge]]] |= 1L << (i - begin);
      last = Math.max(last, place[graph.from[edge]]);
    }
    for (int at = first; at <= last; at++) {
      if (reached[at] != 0) {
        int from = node[at];
        steps += graph.start[from + 1] - graph.start[from];
        for (int edge = graph.start[from]; edge < graph.start[from + 1]; edge++) {
          if (graph.isOf(edge, OTHER_KINDS)) {
            reached[place[graph.to[edge]]] |= reached[at];
          }
        }
      }
    }
    steps += last - first;
    for (int i = begin; i < end; i++) {
      int edge = (int) byPlace[i];
      if ((reached[place[graph.from[edge]]] >>> (i - begin) & 1) != 0) {
        found.add(edge);
      }
    }
    // Edges lead beyond the last place, too.
    Arrays.fill(reached, first, reached.length, 0);
  }
}
