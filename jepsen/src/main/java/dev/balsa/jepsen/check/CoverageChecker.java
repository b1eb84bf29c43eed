package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether enough was seen: acknowledged operations of each kind in all, and while each fault
 * lasted. Never finds anything wrong. Thread-safe.
 *
 * <p>Faults are in the history as infos of the nemesis with the names {@code start-NAME} and {@code
 * stop-NAME}. If either is told twice, before and after it is done, a fault lasts from the last
 * start to the first stop, or to the end of the history. An operation counts for it if it is called
 * and acknowledged meanwhile. What several faults of a name have seen is added up.
 */
public final class CoverageChecker implements Checker {
  /** Begins the names of events that begin a fault. */
  public static final String START = "start-";

  /** Begins the names of events that end a fault. */
  public static final String STOP = "stop-";

  private final Wanted wanted;

  /**
   * What is wanted.
   *
   * @param kinds operations, such as {@code read}
   * @param faults that must have been there
   * @param all how many acknowledged operations of each kind
   * @param duringFault how many of them during each fault, also those that are not in {@code
   *     faults}
   */
  public record Wanted(Set<String> kinds, Set<String> faults, long all, long duringFault) {
    /** Copies the sets. */
    public Wanted {
      kinds = Set.copyOf(kinds);
      faults = Set.copyOf(faults);
    }
  }

  /** Creates a checker. */
  public CoverageChecker(Wanted wanted) {
    this.wanted = wanted;
  }

  private record Period(String fault, int from, int to) {}

  @Override
  public Finding check(History history) {
    List<Period> periods = periods(history);
    Set<String> faults = new TreeSet<>(wanted.faults());
    periods.forEach(period -> faults.add(period.fault()));
    Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
    for (String kind : new TreeSet<>(wanted.kinds())) {
      Map<String, Long> of = new LinkedHashMap<>();
      of.put("all", 0L);
      faults.forEach(fault -> of.put(fault, 0L));
      counts.put(kind, of);
    }
    for (Call call : history.calls()) {
      Map<String, Long> of = counts.get(call.invoke().f());
      if (of == null || call.outcome() != Op.Type.OK) {
        continue;
      }
      of.merge("all", 1L, Long::sum);
      periods.stream()
          .filter(p -> p.from() < call.invoke().index() && call.returnIndex() < p.to())
          .map(Period::fault)
          .distinct()
          .forEach(fault -> of.merge(fault, 1L, Long::sum));
    }
    List<String> missing = new ArrayList<>();
    for (String fault : new TreeSet<>(wanted.faults())) {
      if (periods.stream().noneMatch(period -> period.fault().equals(fault))) {
        missing.add("there was no fault " + fault);
      }
    }
    counts.forEach((kind, of) -> of.forEach((when, seen) -> tell(kind, when, seen, missing)));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("acknowledged", counts);
    facts.put("faults", periodCounts(periods));
    return Finding.of("coverage", List.of(), missing, facts);
  }

  private void tell(String kind, String when, long seen, List<String> missing) {
    boolean all = when.equals("all");
    long enough = all ? wanted.all() : wanted.duringFault();
    if (seen < enough) {
      missing.add(
          "only "
              + seen
              + " acknowledged operations "
              + kind
              + (all ? " in all" : " during " + when)
              + ", instead of "
              + enough);
    }
  }

  private static Map<String, Integer> periodCounts(List<Period> periods) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    periods.forEach(period -> counts.merge(period.fault(), 1, Integer::sum));
    return counts;
  }

  private static List<Period> periods(History history) {
    List<Period> periods = new ArrayList<>();
    Map<String, Integer> open = new LinkedHashMap<>();
    for (Op op : history.ops()) {
      if (!op.isNemesis()) {
        continue;
      }
      if (op.f().startsWith(START)) {
        open.put(op.f().substring(START.length()), op.index());
      } else if (op.f().startsWith(STOP)) {
        String fault = op.f().substring(STOP.length());
        Integer from = open.remove(fault);
        if (from != null) {
          periods.add(new Period(fault, from, op.index()));
        }
      }
    }
    open.forEach((fault, from) -> periods.add(new Period(fault, from, Integer.MAX_VALUE)));
    return periods;
  }
}
