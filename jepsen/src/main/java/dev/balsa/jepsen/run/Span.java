package dev.balsa.jepsen.run;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The time that a fault lasted, in nanoseconds since the run began: from before it was brought
 * about until after it was taken away.
 *
 * @param fault its name
 * @param begin first event of its beginning
 * @param end last event of its end; that of the history if it was not ended
 */
record Span(String fault, long begin, long end) {
  private static final String START = "start-";
  private static final String STOP = "stop-";

  /** The faults of a history, in the order in which they began. */
  static List<Span> of(History history) {
    List<Span> spans = new ArrayList<>();
    Map<String, Integer> latest = new LinkedHashMap<>();
    long last = history.ops().isEmpty() ? 0 : history.ops().get(history.ops().size() - 1).time();
    Set<String> stopped = new HashSet<>();
    for (Op op : history.ops()) {
      if (!op.isNemesis()) {
        continue;
      }
      if (op.f().startsWith(START)) {
        String fault = op.f().substring(START.length());
        Integer open = latest.get(fault);
        if (open == null || stopped.remove(fault)) {
          latest.put(fault, spans.size());
          spans.add(new Span(fault, op.time(), last));
        }
      } else if (op.f().startsWith(STOP)) {
        String fault = op.f().substring(STOP.length());
        Integer open = latest.get(fault);
        if (open != null) {
          stopped.add(fault);
          spans.set(open, new Span(fault, spans.get(open).begin(), op.time()));
        }
      }
    }
    return spans;
  }

  boolean contains(long time) {
    return begin <= time && time <= end;
  }
}
