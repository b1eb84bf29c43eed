package dev.balsa.jepsen.report;

import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A fault, from its beginning to its end.
 *
 * @param name such as {@code partition}
 * @param begin nanoseconds
 * @param end nanoseconds; the run's end if nothing has ended it
 * @param what what was done, and what was done to end it
 */
record FaultSpan(String name, long begin, long end, String what) {
  private static final List<String> BEGIN = List.of("start", "begin");
  private static final List<String> END = List.of("stop", "end", "heal");

  private enum Edge {
    BEGIN,
    END,
    /** Begins what is not going on, and ends what is. */
    EITHER
  }

  private record Named(String name, Edge edge) {}

  /**
   * The faults of a history, by their beginnings.
   *
   * <p>An event {@code start-partition} begins a partition, {@code stop-partition} ends it (or
   * {@code begin}, {@code end}, {@code heal}, also behind the name, or first in the value); Jepsen
   * writes each twice, before and after it is done, and the fault is taken to last from the first
   * one to the last one. Of an event that is only called {@code partition}, each first one begins
   * it, each second one ends it.
   *
   * @param end of the run, nanoseconds
   */
  static List<FaultSpan> of(List<Op> ops, long end) {
    List<FaultSpan> spans = new ArrayList<>();
    Map<String, Integer> open = new HashMap<>();
    Map<String, Integer> closed = new HashMap<>();
    for (Op op : ops) {
      if (!op.isNemesis() || op.f().equals(Op.QUIET)) {
        continue;
      }
      Named named = named(op);
      Integer going = open.get(named.name);
      if (going == null && named.edge != Edge.END) {
        open.put(named.name, spans.size());
        closed.remove(named.name);
        spans.add(new FaultSpan(named.name, op.time(), end, text(op)));
      } else if (going != null && named.edge == Edge.BEGIN) {
        spans.set(going, spans.get(going).with(end, text(op)));
      } else {
        // The second event of an end finds the fault closed, and moves its end.
        Integer which = going != null ? going : closed.get(named.name);
        if (which != null) {
          spans.set(which, spans.get(which).with(op.time(), text(op)));
          open.remove(named.name);
          closed.put(named.name, which);
        }
      }
    }
    return spans;
  }

  private FaultSpan with(long newEnd, String text) {
    boolean told = text.isEmpty() || what.equals(text) || what.endsWith("; " + text);
    return new FaultSpan(
        name, begin, newEnd, told ? what : what.isEmpty() ? text : what + "; " + text);
  }

  private static Named named(Op op) {
    String f = op.f();
    for (Edge edge : List.of(Edge.BEGIN, Edge.END)) {
      for (String word : edge == Edge.BEGIN ? BEGIN : END) {
        if (f.equals(word)) {
          return new Named("fault", edge);
        }
        if (f.startsWith(word + "-")) {
          return new Named(f.substring(word.length() + 1), edge);
        }
        if (f.endsWith("-" + word)) {
          return new Named(f.substring(0, f.length() - word.length() - 1), edge);
        }
      }
    }
    Optional<Edge> told = edgeOf(op.value());
    return new Named(f, told.orElse(Edge.EITHER));
  }

  private static Optional<Edge> edgeOf(@Nullable Object value) {
    if (value instanceof List<?> list && !list.isEmpty()) {
      String first = ValueText.plain(list.get(0));
      if (BEGIN.contains(first)) {
        return Optional.of(Edge.BEGIN);
      }
      if (END.contains(first)) {
        return Optional.of(Edge.END);
      }
    }
    return Optional.empty();
  }

  private static String text(Op op) {
    Object value = op.value();
    if (value instanceof List<?> list && list.size() > 1 && edgeOf(value).isPresent()) {
      value = list.size() == 2 ? list.get(1) : list.subList(1, list.size());
    }
    return value == null ? "" : value instanceof String text ? text : ValueText.of(value, 300);
  }
}
