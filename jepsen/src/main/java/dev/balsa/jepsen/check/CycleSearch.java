package dev.balsa.jepsen.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds cycles of dependencies, and calls them the worst that they are.
 *
 * <p>Sets of edges are gone through from the smallest: of WW edges alone, then with WR, then with
 * RW; all that again with the order of processes, and with real time. Of each strongly connected
 * component that comes into being, one short cycle is shown, unless a part of it has been a
 * component before: that has been shown already, as something worse. So each cycle that is shown
 * needs the kinds of edges after which it is called.
 *
 * <p>In a component that needs RW edges, cycles with one of them come first ({@link SingleRw}),
 * then those without two adjacent ones ({@link Part#withoutAdjacentRw}), then any. The effort is
 * about linear in the number of edges, with a component of any size. Beyond a bound on the effort,
 * in components with hundreds of thousands of RW edges, a cycle may get a later name than the first
 * that would fit; none is ever missed.
 */
final class CycleSearch {
  private static final int[] CONTEXTS = {
    0, DependencyGraph.ALL_PROCESS, DependencyGraph.ALL_REALTIME
  };
  private static final int[] LEVELS = {
    DependencyGraph.ALL_WW,
    DependencyGraph.ALL_WW | DependencyGraph.ALL_WR,
    DependencyGraph.ALL_WW | DependencyGraph.ALL_WR | DependencyGraph.ALL_RW
  };

  /** By level: edges without which there was no cycle before. */
  private static final int[] NEW_KINDS = {
    DependencyGraph.WW, DependencyGraph.WR, DependencyGraph.RW
  };

  private final Part whole;

  /** By node: whether it is in a component of which a cycle has been shown. */
  private final boolean[] explained;

  private final List<Cycle> cycles = new ArrayList<>();

  private CycleSearch(DependencyGraph graph) {
    this.whole = Part.whole(graph);
    this.explained = new boolean[graph.nodes()];
  }

  /** Cycles, at least one if there is any. */
  static List<Cycle> of(DependencyGraph graph) {
    CycleSearch search = new CycleSearch(graph);
    List<Part> parts = new ArrayList<>();
    for (int[] component : Components.of(graph, DependencyGraph.ALL)) {
      parts.add(search.whole.of(component, DependencyGraph.ALL));
    }
    for (int context : CONTEXTS) {
      for (int level = 0; level < LEVELS.length; level++) {
        for (Part part : parts) {
          search.components(part, LEVELS[level] | context, NEW_KINDS[level]);
        }
      }
    }
    return search.cycles;
  }

  private void components(Part part, int kinds, int newKind) {
    for (int[] component : Components.of(part.graph(), kinds)) {
      if (Arrays.stream(component).noneMatch(node -> explained[part.names()[node]])) {
        Part connected = part.of(component, kinds);
        cycles.add(
            newKind == DependencyGraph.RW ? cycleWithRw(connected) : anyCycle(connected, newKind));
        for (int name : connected.names()) {
          explained[name] = true;
        }
      }
    }
  }

  private static Cycle anyCycle(Part part, int newKind) {
    DependencyGraph graph = part.graph();
    int[] edges = Paths.cycle(graph, Paths.edges(graph, newKind), DependencyGraph.ALL);
    if (edges == null) {
      throw new AssertionError("each edge of a component is in a cycle");
    }
    return Cycle.of(graph, edges, part.names());
  }

  private static Cycle cycleWithRw(Part part) {
    Part states = part.withoutAdjacentRw();
    List<int[]> components = Components.of(states.graph(), DependencyGraph.ALL);
    if (components.isEmpty()) {
      return anyCycle(part, DependencyGraph.RW);
    }
    Cycle single = singleRw(part, components);
    return single != null ? single : nonAdjacent(states, components);
  }

  /** A cycle with one RW edge is one without two adjacent ones, so only these need be looked at. */
  private static @Nullable Cycle singleRw(Part part, List<int[]> components) {
    DependencyGraph graph = part.graph();
    int[] componentOf = new int[2 * graph.nodes()];
    for (int i = 0; i < components.size(); i++) {
      for (int state : components.get(i)) {
        componentOf[state] = i + 1;
      }
    }
    IntList found =
        new SingleRw(graph)
            .find(
                edge -> {
                  int from = componentOf[2 * graph.from[edge]];
                  return from != 0 && from == componentOf[2 * graph.to[edge] + 1];
                });
    int[] edges = Paths.cycle(graph, found, DependencyGraph.ALL & ~(1 << DependencyGraph.RW));
    return edges == null ? null : Cycle.of(graph, edges, part.names());
  }

  private static Cycle nonAdjacent(Part states, List<int[]> components) {
    Part component = states.of(components.get(0), DependencyGraph.ALL);
    DependencyGraph graph = component.graph();
    int[] edges = Paths.cycle(graph, Paths.edges(graph, DependencyGraph.RW), DependencyGraph.ALL);
    if (edges == null) {
      throw new AssertionError("each edge of a component is in a cycle");
    }
    return Cycle.of(graph, simple(graph, edges, component.names()), component.names());
  }

  /**
   * A walk through the states may come to a transaction twice, in both states. Of the two cycles
   * into which it falls there, one has no two adjacent RW edges.
   */
  static int[] simple(DependencyGraph graph, int[] walk, int[] names) {
    for (int i = 0; i < walk.length; i++) {
      for (int j = i + 1; j < walk.length; j++) {
        if (names[graph.from[walk[i]]] == names[graph.from[walk[j]]]) {
          int[] inner = Arrays.copyOfRange(walk, i, j);
          int[] outer = new int[walk.length - inner.length];
          System.arraycopy(walk, 0, outer, 0, i);
          System.arraycopy(walk, j, outer, i, walk.length - j);
          return simple(graph, hasAdjacentRw(graph, inner) ? outer : inner, names);
        }
      }
    }
    return walk;
  }

  private static boolean hasAdjacentRw(DependencyGraph graph, int[] edges) {
    // UNREAD is the second half of an RW edge.
    int last = graph.kind[edges[edges.length - 1]];
    boolean rw = last == DependencyGraph.RW || last == DependencyGraph.UNREAD;
    for (int edge : edges) {
      int kind = graph.kind[edge];
      if (rw && kind == DependencyGraph.RW) {
        return true;
      }
      rw = kind == DependencyGraph.RW || kind == DependencyGraph.UNREAD;
    }
    return false;
  }
}
