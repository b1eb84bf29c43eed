package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Finding.Anomaly;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Collects what is wrong, but of each type only some examples. */
final class AnomalyLog {
  /** So many of a type are told of; the others are counted. */
  static final int EXAMPLES_MAX = 8;

  private final List<Anomaly> examples = new ArrayList<>();
  private final Map<String, Integer> counts = new LinkedHashMap<>();

  void add(String type, Supplier<Anomaly> anomaly) {
    if (counts.merge(type, 1, Integer::sum) <= EXAMPLES_MAX) {
      examples.add(anomaly.get());
    }
  }

  List<Anomaly> examples() {
    return examples;
  }

  /** How many there are of each type, in the order of discovery. */
  Map<String, Integer> counts() {
    return counts;
  }
}
