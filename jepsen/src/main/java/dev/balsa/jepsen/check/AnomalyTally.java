package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Finding.Anomaly;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gathers what is wrong: counts all, and keeps the first few of each name to show. */
final class AnomalyTally {
  private static final int SHOWN_MAX = 10;

  private final Map<String, List<Anomaly>> byType = new LinkedHashMap<>();
  private final Map<String, Long> counts = new LinkedHashMap<>();

  /**
   * Notes something wrong.
   *
   * @param type its name
   * @param explanation for people
   * @param ops the events that show it
   */
  void add(String type, String explanation, List<Integer> ops) {
    counts.merge(type, 1L, Long::sum);
    List<Anomaly> shown = byType.computeIfAbsent(type, any -> new ArrayList<>());
    if (shown.size() < SHOWN_MAX) {
      shown.add(new Anomaly(type, explanation, ops, List.of()));
    }
  }

  /** The ones to show. */
  List<Anomaly> shown() {
    return byType.values().stream().flatMap(List::stream).toList();
  }

  /** How many there were, by name. */
  Map<String, Long> counts() {
    return counts;
  }
}
