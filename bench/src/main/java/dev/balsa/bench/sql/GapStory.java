package dev.balsa.bench.sql;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A time without an acknowledgement, and what the nodes were doing then.
 *
 * @param which the case
 * @param fromMicros its begin, in microseconds since 1970
 * @param micros how long it was
 * @param leader the node that led
 * @param byNode what each node did, from node 1 on
 */
record GapStory(
    SqlCase which, long fromMicros, long micros, long leader, List<List<Activity>> byNode) {
  /** Takes immutable lists. */
  GapStory {
    byNode = byNode.stream().map(List::copyOf).toList();
  }

  double millis() {
    return micros / 1e3;
  }

  /** Whether the databases were kept in order at the time. */
  boolean duringHousekeeping() {
    return byNode.stream()
        .flatMap(List::stream)
        .anyMatch(activity -> Activity.HOUSEKEEPING.contains(activity.kind()));
  }

  /** Whether collections or slow forces make up for most of it. */
  boolean isExcused() {
    long excused =
        byNode.stream()
            .flatMap(List::stream)
            .filter(activity -> Activity.EXCUSES.contains(activity.kind()))
            .mapToLong(activity -> activity.overlapMicros(fromMicros, micros))
            .sum();
    return 2 * excused >= micros;
  }

  /**
   * What was done at the time, the longest first: for each node and kind together. A change of
   * leaders takes no time.
   */
  private String doings() {
    Map<String, Long> shares = new TreeMap<>();
    for (int node = 1; node <= byNode.size(); node++) {
      String who = node == leader ? "leader " : "node " + node + " ";
      for (Activity activity : byNode.get(node - 1)) {
        long overlap = activity.overlapMicros(fromMicros, micros);
        if (overlap > 0 || activity.kind().equals(Activity.LEADERSHIP)) {
          shares.merge(who + activity.kind(), overlap, Long::sum);
        }
      }
    }
    if (shares.isEmpty()) {
      return "nothing that the nodes know of";
    }
    return shares.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .map(doing -> doing.getKey() + milliseconds(doing.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String milliseconds(long micros) {
    return micros == 0 ? "" : String.format(Locale.ROOT, " %.1f ms", micros / 1e3);
  }

  /** For people. */
  String toText() {
    return String.format(Locale.ROOT, "%.1f ms (%s)", millis(), doings());
  }
}
