package dev.balsa.bench.sql;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
  private static final int TOLD_MAX = 4;

  /** Takes immutable lists. */
  GapStory {
    byNode = byNode.stream().map(List::copyOf).toList();
  }

  double millis() {
    return micros / 1e3;
  }

  /** An activity, and who did it. */
  private record Told(long node, Activity activity) {}

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

  /** What was done, the longest first. */
  private String doings() {
    List<Told> told =
        java.util.stream.LongStream.rangeClosed(1, byNode.size())
            .boxed()
            .flatMap(node -> byNode.get((int) (node - 1)).stream().map(a -> new Told(node, a)))
            .sorted(Comparator.comparingLong((Told t) -> t.activity.micros()).reversed())
            .toList();
    if (told.isEmpty()) {
      return "nothing that the nodes know of";
    }
    String most =
        told.stream()
            .limit(TOLD_MAX)
            .map(t -> (t.node == leader ? "leader " : "node " + t.node + " ") + t.activity.toText())
            .collect(Collectors.joining(", "));
    return told.size() > TOLD_MAX ? most + ", and " + (told.size() - TOLD_MAX) + " more" : most;
  }

  /** For people. */
  String toText() {
    return String.format(Locale.ROOT, "%.1f ms (%s)", millis(), doings());
  }
}
