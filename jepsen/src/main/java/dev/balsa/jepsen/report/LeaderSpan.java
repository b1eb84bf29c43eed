package dev.balsa.jepsen.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A time in which, as the harness saw it, one node led in one term.
 *
 * @param begin nanoseconds
 * @param end nanoseconds
 */
record LeaderSpan(long begin, long end, long node, long term) {
  /**
   * What samples amount to: each holds until the next one, and the last one until the run's end.
   *
   * @param end of the run, nanoseconds
   */
  static List<LeaderSpan> of(List<LeaderSample> samples, long end) {
    List<LeaderSpan> spans = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      LeaderSample sample = samples.get(i);
      long until =
          i + 1 < samples.size() ? samples.get(i + 1).time() : Math.max(end, sample.time());
      LeaderSpan last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
      if (last != null
          && last.end == sample.time()
          && last.node == sample.node()
          && last.term == sample.term()) {
        spans.set(spans.size() - 1, new LeaderSpan(last.begin, until, last.node, last.term));
      } else if (sample.node() != 0) {
        spans.add(new LeaderSpan(sample.time(), until, sample.node(), sample.term()));
      }
    }
    return spans;
  }
}
