package dev.balsa.jepsen.check;

import java.util.Arrays;

/** Some nodes of a graph, and the edges between them, as a graph of its own. */
final class Part {
  private final DependencyGraph graph;
  private final int[] names;

  private Part(DependencyGraph graph, int[] names) {
    this.graph = graph;
    this.names = names;
  }

  /** The graph, whose nodes are numbered from 0. */
  DependencyGraph graph() {
    return graph;
  }

  /** What its nodes are called in the whole graph. */
  int[] names() {
    return names;
  }

  /** The whole of a graph. */
  static Part whole(DependencyGraph graph) {
    int[] names = new int[graph.nodes()];
    Arrays.setAll(names, node -> node);
    return new Part(graph, names);
  }

  /**
   * A part of this part.
   *
   * @param nodes in rising order
   * @param kinds of edges that are kept
   */
  Part of(int[] nodes, int kinds) {
    DependencyGraph.Builder part = new DependencyGraph.Builder(nodes.length);
    int[] partNames = new int[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      int node = nodes[i];
      partNames[i] = names[node];
      for (int edge = graph.start[node]; edge < graph.start[node + 1]; edge++) {
        // A search, not a table: there may be very many small parts of a large graph.
        int target = graph.isOf(edge, kinds) ? Arrays.binarySearch(nodes, graph.to[edge]) : -1;
        if (target >= 0) {
          part.add(i, target, graph.kind[edge], graph.label[edge]);
        }
      }
    }
    return new Part(part.build(), partNames);
  }

  /**
   * The graph whose paths are this one's paths without two RW edges in succession. Each node is
   * there twice: 2n as reached by another edge, 2n + 1 as reached by an RW edge.
   */
  Part withoutAdjacentRw() {
    DependencyGraph.Builder states = new DependencyGraph.Builder(2 * graph.nodes());
    int[] stateNames = new int[2 * names.length];
    Arrays.setAll(stateNames, state -> names[state / 2]);
    for (int edge = 0; edge < graph.edges(); edge++) {
      int from = 2 * graph.from[edge];
      int to = 2 * graph.to[edge];
      int kind = graph.kind[edge];
      int label = graph.label[edge];
      switch (kind) {
        case DependencyGraph.RW -> states.add(from, to + 1, kind, label);
        // Its helper is reached by RW edges only, and this is the other half of them.
        case DependencyGraph.UNREAD -> states.add(from + 1, to + 1, kind, label);
        default -> {
          states.add(from, to, kind, label);
          states.add(from + 1, to, kind, label);
        }
      }
    }
    return new Part(states.build(), stateNames);
  }
}
