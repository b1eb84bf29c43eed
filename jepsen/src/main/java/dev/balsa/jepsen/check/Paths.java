package dev.balsa.jepsen.check;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Shortest paths and cycles, where edges through helpers do not count. */
final class Paths {
  private static final int NONE = -1;

  /** So many cycles are tried, and the shortest is taken. */
  private static final int STARTS_MAX = 16;

  private Paths() {}

  /** The edges of a shortest path; null if there is none. */
  static int @Nullable [] shortest(DependencyGraph graph, int from, int to, int kinds) {
    int[] distance = new int[graph.nodes()];
    int[] by = new int[graph.nodes()];
    Arrays.fill(distance, Integer.MAX_VALUE);
    Arrays.fill(by, NONE);
    distance[from] = 0;
    IntList level = new IntList();
    level.add(from);
    for (int length = 0; !level.isEmpty() && distance[to] == Integer.MAX_VALUE; length++) {
      IntList next = new IntList();
      // The level grows while it is gone through: a free edge leads to a node of the same one.
      for (int i = 0; i < level.size(); i++) {
        int node = level.get(i);
        if (distance[node] < length) {
          continue;
        }
        for (int edge = graph.start[node]; edge < graph.start[node + 1]; edge++) {
          int reached = length + (graph.isFree(edge) ? 0 : 1);
          int target = graph.to[edge];
          if (graph.isOf(edge, kinds) && reached < distance[target]) {
            distance[target] = reached;
            by[target] = edge;
            (reached == length ? level : next).add(target);
          }
        }
      }
      level = next;
    }
    if (distance[to] == Integer.MAX_VALUE) {
      return null;
    }
    return back(graph, by, from, to);
  }

  private static int[] back(DependencyGraph graph, int[] by, int from, int to) {
    IntList edges = new IntList();
    for (int node = to; node != from; node = graph.from[by[node]]) {
      edges.add(by[node]);
    }
    int[] path = new int[edges.size()];
    for (int i = 0; i < path.length; i++) {
      path[i] = edges.get(path.length - 1 - i);
    }
    return path;
  }

  /**
   * A short cycle through an edge of some kind.
   *
   * @param candidates edges of that kind
   * @param kinds of the cycle's other edges
   * @return the candidate and the path back to its beginning; null if no candidate is in a cycle
   */
  static int @Nullable [] cycle(DependencyGraph graph, IntList candidates, int kinds) {
    int[] best = null;
    int step = Math.max(1, candidates.size() / STARTS_MAX);
    for (int i = 0; i < candidates.size(); i += step) {
      int edge = candidates.get(i);
      int[] path = shortest(graph, graph.to[edge], graph.from[edge], kinds);
      if (path != null && (best == null || length(graph, path) < length(graph, best) - 1)) {
        best = new int[path.length + 1];
        best[0] = edge;
        System.arraycopy(path, 0, best, 1, path.length);
      }
    }
    return best;
  }

  private static int length(DependencyGraph graph, int[] path) {
    int length = 0;
    for (int edge : path) {
      length += graph.isFree(edge) ? 0 : 1;
    }
    return length;
  }

  /** The edges of a kind. */
  static IntList edges(DependencyGraph graph, int kind) {
    IntList edges = new IntList();
    for (int edge = 0; edge < graph.edges(); edge++) {
      if (graph.kind[edge] == kind) {
        edges.add(edge);
      }
    }
    return edges;
  }
}
