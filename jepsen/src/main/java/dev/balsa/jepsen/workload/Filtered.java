package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Lets another checker see some operations only, and tells what it finds of the whole history. */
final class Filtered implements Checker {
  private final Checker checker;
  private final Set<String> wanted;

  /**
   * Creates it.
   *
   * @param wanted names of the operations that are seen
   */
  Filtered(Checker checker, Set<String> wanted) {
    this.checker = checker;
    this.wanted = Set.copyOf(wanted);
  }

  @Override
  public Finding check(History history) {
    List<Op> kept = new ArrayList<>();
    List<Integer> origins = new ArrayList<>();
    for (Op op : history.ops()) {
      if (op.isNemesis() || wanted.contains(op.f())) {
        origins.add(op.index());
        kept.add(
            new Op(
                kept.size(),
                op.time(),
                op.type(),
                op.process(),
                op.f(),
                op.value(),
                op.error(),
                op.node()));
      }
    }
    Finding found = checker.check(new History(kept));
    return new Finding(
        found.checker(),
        found.validity(),
        found.anomalies().stream().map(anomaly -> original(anomaly, origins)).toList(),
        found.missing(),
        found.facts());
  }

  private static Anomaly original(Anomaly anomaly, List<Integer> origins) {
    return new Anomaly(
        anomaly.type(),
        anomaly.explanation(),
        anomaly.ops().stream().map(origins::get).toList(),
        anomaly.cycle().stream()
            .map(e -> new Edge(origins.get(e.from()), origins.get(e.to()), e.kind(), e.reason()))
            .toList());
  }
}
