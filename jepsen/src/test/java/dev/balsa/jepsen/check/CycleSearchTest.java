package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.check.Cycle.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CycleSearchTest {
  /** From the worst to what only real time forbids. */
  private static final List<String> TYPES =
      List.of(
          "G0",
          "G1c",
          "G-single",
          "G-nonadjacent",
          "G2-item",
          "G0-process",
          "G1c-process",
          "G-single-process",
          "G-nonadjacent-process",
          "G2-item-process",
          "G0-realtime",
          "G1c-realtime",
          "G-single-realtime",
          "G-nonadjacent-realtime",
          "G2-item-realtime");

  private static final int GRAPHS = 60_000;

  @Test
  void theWorstOfAllCyclesIsFound() {
    Map<String, Integer> found = new TreeMap<>();
    for (long seed = 0; seed < GRAPHS; seed++) {
      RandomGraph graph = new RandomGraph(new Random(seed * 0x9E3779B97F4A7C15L));
      List<Cycle> cycles = CycleSearch.of(graph.build());
      String worst = graph.worst();
      assertThat(worst(cycles))
          .as("seed %d: %s, found %s", seed, graph.steps, cycles)
          .isEqualTo(worst);
      for (Cycle cycle : cycles) {
        assertThat(cycle.steps()).as("seed %d", seed).isSubsetOf(graph.steps);
        assertThat(cycle.steps().stream().map(Step::from)).doesNotHaveDuplicates();
      }
      found.merge(worst, 1, Integer::sum);
    }
    System.out.println(found);
    assertThat(found.keySet()).contains("none").containsAll(TYPES);
  }

  private static String worst(List<Cycle> cycles) {
    int rank = cycles.stream().mapToInt(cycle -> TYPES.indexOf(cycle.type())).min().orElse(-1);
    return rank < 0 ? "none" : TYPES.get(rank);
  }

  /** A few transactions with random dependencies, and moments at which they begin and end. */
  private static final class RandomGraph {
    private static final int OTHERS = 3;

    private final int size;
    private final Random random;
    private final List<Step> steps = new ArrayList<>();

    /** Each transaction twice: its call, then its end. */
    private final List<Integer> events = new ArrayList<>();

    private RandomGraph(Random random) {
      this.random = random;
      this.size = 2 + random.nextInt(4);
      List<Integer> nodes = IntStream.range(0, size).boxed().toList();
      if (random.nextBoolean()) {
        events.addAll(nodes);
        events.addAll(nodes);
        Collections.shuffle(events, random);
      } else {
        // All at once, except that the first ends before the last is called.
        events.addAll(nodes.subList(0, size - 1));
        events.addAll(List.of(0, size - 1));
        events.addAll(nodes.subList(1, size));
      }
      // Few of each kind, so that each kind is needed now and then.
      int[] most = {random.nextInt(4), random.nextInt(4), random.nextInt(2 * size)};
      for (int kind = 0; kind < OTHERS; kind++) {
        for (int i = 0; i < most[kind]; i++) {
          add(random.nextInt(size), random.nextInt(size), kind);
        }
      }
      for (int from = 0; from < size; from++) {
        for (int to = 0; to < size; to++) {
          if (events.lastIndexOf(from) < events.indexOf(to)) {
            add(from, to, DependencyGraph.REALTIME);
            if (random.nextInt(3) == 0) {
              add(from, to, DependencyGraph.PROCESS);
            }
          }
        }
      }
    }

    private void add(int from, int to, int kind) {
      Step step = new Step(from, to, kind, 0, Transactions.NONE);
      if (from != to && !steps.contains(step)) {
        steps.add(step);
      }
    }

    private DependencyGraph build() {
      DependencyGraph.Builder graph = new DependencyGraph.Builder(size);
      for (Step step : steps) {
        if (step.kind() == DependencyGraph.RW && random.nextInt(3) == 0) {
          int helper = graph.addNode();
          graph.add(step.from(), helper, DependencyGraph.RW, 0);
          graph.add(helper, step.to(), DependencyGraph.UNREAD, Transactions.NONE);
        } else if (step.kind() != DependencyGraph.REALTIME) {
          graph.add(step.from(), step.to(), step.kind(), 0);
        }
      }
      int moment = graph.addNode();
      boolean[] called = new boolean[size];
      for (int node : events) {
        if (called[node]) {
          int next = graph.addNode();
          graph.add(moment, next, DependencyGraph.LATER, 0);
          graph.add(node, next, DependencyGraph.REALTIME, 0);
          moment = next;
        } else {
          graph.add(moment, node, DependencyGraph.LATER, 0);
          called[node] = true;
        }
      }
      return graph.build();
    }

    /** The worst type of all simple cycles, which are all tried. */
    private String worst() {
      int[] rank = {TYPES.size()};
      for (int first = 0; first < size; first++) {
        follow(first, first, new ArrayList<>(), new boolean[size], rank);
      }
      return rank[0] == TYPES.size() ? "none" : TYPES.get(rank[0]);
    }

    private void follow(int first, int node, List<Step> path, boolean[] on, int[] rank) {
      for (Step step : steps) {
        if (step.from() != node) {
          continue;
        }
        path.add(step);
        if (step.to() == first) {
          rank[0] = Math.min(rank[0], TYPES.indexOf(type(path)));
        } else if (step.to() > first && !on[step.to()]) {
          on[step.to()] = true;
          follow(first, step.to(), path, on, rank);
          on[step.to()] = false;
        }
        path.remove(path.size() - 1);
      }
    }

    /** Of its own, and not of the class that is tested. */
    private static String type(List<Step> path) {
      int[] counts = new int[5];
      boolean adjacent = false;
      for (int i = 0; i < path.size(); i++) {
        int kind = path.get(i).kind();
        counts[kind]++;
        adjacent |=
            kind == DependencyGraph.RW
                && path.get((i + 1) % path.size()).kind() == DependencyGraph.RW;
      }
      String type =
          switch (counts[DependencyGraph.RW]) {
            case 0 -> counts[DependencyGraph.WR] == 0 ? "G0" : "G1c";
            case 1 -> "G-single";
            default -> adjacent ? "G2-item" : "G-nonadjacent";
          };
      return type
          + (counts[DependencyGraph.REALTIME] > 0
              ? "-realtime"
              : counts[DependencyGraph.PROCESS] > 0 ? "-process" : "");
    }
  }

  @Test
  void aLongCycleIsFoundWithoutRecursion() {
    int size = 200_000;
    DependencyGraph.Builder graph = new DependencyGraph.Builder(size);
    for (int node = 0; node < size; node++) {
      graph.add(node, (node + 1) % size, DependencyGraph.WR, 0);
    }
    List<Cycle> cycles = CycleSearch.of(graph.build());
    assertThat(cycles).hasSize(1);
    assertThat(cycles.get(0).type()).isEqualTo("G1c");
    assertThat(cycles.get(0).steps()).hasSize(size);
  }

  /** RW edges that all lead back, and no way back without one: each would need a search. */
  @Test
  void manyRwEdgesInOneComponentAreSearchedTogether() {
    int size = 100_000;
    DependencyGraph.Builder graph = new DependencyGraph.Builder(size);
    Random random = new Random(1);
    int half = size / 2;
    for (int node = 0; node < half - 1; node++) {
      graph.add(node, node + 1, DependencyGraph.WW, 0);
      graph.add(half + node, half + node + 1, DependencyGraph.WW, 0);
    }
    for (int i = 0; i < size; i++) {
      graph.add(random.nextInt(half), half + random.nextInt(half), DependencyGraph.RW, 0);
      graph.add(half + random.nextInt(half), random.nextInt(half), DependencyGraph.RW, 0);
    }
    long start = System.nanoTime();
    List<Cycle> cycles = CycleSearch.of(graph.build());
    System.out.printf("%d ms%n", (System.nanoTime() - start) / 1_000_000);
    assertThat(cycles).hasSize(1);
    assertThat(cycles.get(0).type()).isEqualTo("G-nonadjacent");
    assertThat(cycles.get(0).steps()).hasSizeLessThan(100);
  }

  /**
   * 0 is come to by an RW edge and by another one: two cycles, one of them with adjacent RW edges.
   */
  @Test
  void aWalkThatComesToATransactionTwiceIsCutDownToACycleWithoutAdjacentRwEdges() {
    int[] kinds = {
      DependencyGraph.RW,
      DependencyGraph.WW,
      DependencyGraph.RW,
      DependencyGraph.WW,
      DependencyGraph.RW,
      DependencyGraph.WW
    };
    int[] walkThrough = {0, 1, 2, 0, 3, 4};
    int length = kinds.length;
    for (int rotation = 0; rotation < length; rotation++) {
      DependencyGraph.Builder graph = new DependencyGraph.Builder(length);
      int[] names = new int[length];
      for (int i = 0; i < length; i++) {
        names[i] = walkThrough[(i + rotation) % length];
        graph.add(i, (i + 1) % length, kinds[(i + rotation) % length], 0);
      }
      DependencyGraph built = graph.build();
      int[] walk = IntStream.range(0, length).toArray();
      Cycle cycle = Cycle.of(built, CycleSearch.simple(built, walk, names), names);
      assertThat(cycle.type()).as("rotation %d", rotation).isEqualTo("G-single");
      assertThat(cycle.steps().stream().map(Step::from)).containsExactlyInAnyOrder(0, 3, 4);
    }
  }

  @Test
  void sweepsFindThoseRwEdgesFromWhichASearchLeadsBack() {
    int none = 0;
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed * 0x9E3779B97F4A7C15L);
      int size = 40;
      DependencyGraph.Builder builder = new DependencyGraph.Builder(size);
      for (int i = 0; i < 20; i++) {
        int from = random.nextInt(size - 1);
        builder.add(from, from + 1 + random.nextInt(size - from - 1), DependencyGraph.WW, 0);
      }
      for (int i = 0; i < 300; i++) {
        int from = random.nextInt(size);
        // Mostly forth, so that there is a way back from few of them, or none.
        int to = random.nextInt(30) == 0 ? random.nextInt(size) : Math.min(size - 1, from + 1);
        builder.add(from, to, DependencyGraph.RW, 0);
      }
      DependencyGraph graph = builder.build();
      IntList found = new SingleRw(graph).find(edge -> true);
      boolean any = false;
      for (int edge = 0; edge < graph.edges(); edge++) {
        any |= graph.kind[edge] == DependencyGraph.RW && leadsBack(graph, edge);
      }
      assertThat(found.isEmpty()).as("seed %d", seed).isEqualTo(!any);
      for (int edge : found.toArray()) {
        assertThat(leadsBack(graph, edge)).as("seed %d", seed).isTrue();
      }
      none += any ? 0 : 1;
    }
    assertThat(none).isBetween(100, 1_900);
  }

  private static boolean leadsBack(DependencyGraph graph, int edge) {
    return graph.from[edge] != graph.to[edge]
        && Paths.shortest(graph, graph.to[edge], graph.from[edge], DependencyGraph.ALL_WW) != null;
  }
}
