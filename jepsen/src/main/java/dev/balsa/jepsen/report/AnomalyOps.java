package dev.balsa.jepsen.report;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which operations an anomaly is about, and what they are called in its drawings: T1, T2, ... */
final class AnomalyOps {
  private AnomalyOps() {}

  /** Their places in {@link Run#calls}, those of the cycle first and in its order. */
  static List<Integer> of(Run run, Anomaly anomaly) {
    Set<Integer> calls = new LinkedHashSet<>();
    Stream<Integer> events =
        Stream.concat(
            anomaly.cycle().stream().flatMap(edge -> Stream.of(edge.from(), edge.to())),
            anomaly.ops().stream());
    events.forEach(event -> run.callOf(event).ifPresent(calls::add));
    return new ArrayList<>(calls);
  }

  /** Whether the edges lead from one to the next, and back to the first. */
  static boolean isRing(List<Edge> cycle) {
    int n = cycle.size();
    return n > 1
        && IntStream.range(0, n).allMatch(i -> cycle.get(i).to() == cycle.get((i + 1) % n).from())
        && cycle.stream().map(Edge::from).distinct().count() == n;
  }
}
