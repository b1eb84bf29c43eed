package dev.balsa.jepsen.run;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * How long it took until another node acknowledged writes, once a partition had cut the leader off
 * from the majority: from before the cut to the first acknowledgement, by a node other than that
 * leader, of a write that was called after the cut.
 */
final class Failovers {
  private Failovers() {}

  /**
   * Of a run.
   *
   * @param leaders who led when
   * @param isWrite tells the operations that write
   * @return milliseconds, one for each partition in which a new leader was elected
   */
  static List<Long> millis(History history, List<LeaderLog.Sample> leaders, Predicate<Op> isWrite) {
    List<Long> all = new ArrayList<>();
    for (Span span : Span.of(history)) {
      if (!span.fault().startsWith("partition") || span.fault().contains("+")) {
        continue;
      }
      LeaderLog.Sample before = new LeaderLog.Sample(0, 0, 0);
      boolean replaced = false;
      for (LeaderLog.Sample sample : leaders) {
        if (sample.time() < span.begin() && sample.node() != 0) {
          before = sample;
        }
        replaced |=
            span.contains(sample.time()) && sample.node() != 0 && sample.node() != before.node();
      }
      if (replaced && before.node() != 0) {
        first(history, span, before.node(), isWrite).ifPresent(all::add);
      }
    }
    return all;
  }

  private static java.util.Optional<Long> first(
      History history, Span span, long leader, Predicate<Op> isWrite) {
    return history.calls().stream()
        .filter(call -> call.outcome() == Op.Type.OK && isWrite.test(call.invoke()))
        .filter(call -> call.invoke().node() != leader && span.contains(call.invoke().time()))
        .map(call -> call.completion().orElseThrow().time())
        .filter(span::contains)
        .min(Long::compare)
        .map(time -> TimeUnit.NANOSECONDS.toMillis(time - span.begin()));
  }

  /** Whether an operation writes, as those of the workloads are called. */
  static boolean isWrite(Op invoke) {
    return switch (invoke.f()) {
      case "read", "stale-read" -> false;
      case "txn" ->
          invoke.value() instanceof List<?> microOps
              && microOps.stream()
                  .anyMatch(m -> m instanceof List<?> l && !new Keyword("r").equals(l.get(0)));
      default -> true;
    };
  }

  /**
   * The one in the middle.
   *
   * @param values not empty
   */
  static long median(List<Long> values) {
    List<Long> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
