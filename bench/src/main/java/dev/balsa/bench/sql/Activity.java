package dev.balsa.bench.sql;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a node did that may have held up its transactions.
 *
 * @param kind one of {@link dev.balsa.fsm.Activities.Kind}, {@link #GC}, {@link #STANDSTILL} or
 *     {@link #LEADERSHIP}, in lower case
 * @param fromMicros its begin, in microseconds since 1970
 * @param micros how long it took
 */
record Activity(String kind, long fromMicros, long micros) {
  /** The JVM's garbage collector stopped all threads. */
  static final String GC = "gc";

  /** No thread of the process got a processor, for another reason or an unknown one. */
  static final String STANDSTILL = "standstill";

  /** The node began or ceased to lead. */
  static final String LEADERSHIP = "leadership";

  /** What the log's being made durable is called. */
  static final String FORCE = "force";

  /** Those that excuse a gap, since they are no work of the databases. */
  static final List<String> EXCUSES = List.of(GC, FORCE);

  /** Those during which the databases must go on. */
  static final List<String> HOUSEKEEPING = List.of("checkpoint", "turn", "snapshot");

  /** How much of a time it covers, in microseconds. */
  long overlapMicros(long otherFrom, long otherMicros) {
    long begin = Math.max(fromMicros, otherFrom);
    return Math.max(0, Math.min(fromMicros + micros, otherFrom + otherMicros) - begin);
  }

  /** As a node's process tells them. */
  static String toWords(List<Activity> activities) {
    return activities.stream()
        .map(activity -> activity.kind + ":" + activity.fromMicros + ":" + activity.micros)
        .collect(Collectors.joining(" "));
  }

  /** Reads {@link #toWords}. */
  static List<Activity> parse(String words) {
    return Arrays.stream(words.split(" ", -1))
        .filter(word -> !word.isEmpty())
        .map(word -> word.split(":", -1))
        .map(parts -> new Activity(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2])))
        .toList();
  }
}
