package dev.balsa.fsm;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often what happened. */
final class SimTotals {
  private final Map<String, Long> counts = new TreeMap<>();

  void count(String what) {
    count(what, 1);
  }

  void count(String what, long times) {
    counts.merge(what, times, Long::sum);
  }

  void add(SimTotals other) {
    other.counts.forEach(this::count);
  }

  /** Those of the given names that never happened. */
  List<String> missing(List<String> names) {
    return names.stream().filter(name -> counts.getOrDefault(name, 0L) == 0).toList();
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
