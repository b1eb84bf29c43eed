package dev.balsa.jepsen.run;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether enough was seen, so that nothing being wrong means something: acknowledged operations in
 * all, and during each fault; of each kind at least a fiftieth of that. Never finds anything wrong.
 *
 * <p>A fault is told twice when it begins, and twice when it ends: before and after that is done.
 * It lasts from the last start to the first stop, or to the end of the history. An operation counts
 * for it if it is called and acknowledged meanwhile. What several faults of a name have seen is
 * added up.
 */
public final class Coverage implements Checker {
  private static final String START = "start-";
  private static final String STOP = "stop-";

  /** Of what is wanted, the part that each kind of operation must have. */
  private static final int PART_OF_A_KIND = 50;

  private static final String ALL = "all";

  private final Wanted wanted;
  private final Set<String> kinds;
  private final List<String> faults;

  /**
   * How much must be seen.
   *
   * @param acknowledged operations in all
   * @param duringFault operations during all faults of a kind together
   */
  public record Wanted(int acknowledged, int duringFault) {}

  /** A fault, by the indexes of its events. */
  private record Period(String fault, int from, int to) {}

  /**
   * Creates it.
   *
   * @param kinds names of operations of which some must have been seen
   * @param faults names of those that must have been seen
   */
  Coverage(Wanted wanted, Set<String> kinds, List<String> faults) {
    this.wanted = wanted;
    this.kinds = new TreeSet<>(kinds);
    this.faults = List.copyOf(faults);
  }

  @Override
  public Finding check(History history) {
    List<Period> periods = periods(history);
    Map<String, Map<String, Long>> counts = counts(history, periods);
    List<String> missing = new ArrayList<>();
    require(counts, ALL, wanted.acknowledged(), "in all", missing);
    for (String fault : faults) {
      if (periods.stream().noneMatch(period -> period.fault().equals(fault))) {
        missing.add("there was no " + fault);
      } else {
        require(counts, fault, wanted.duringFault(), "during " + fault, missing);
      }
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    counts.forEach(
        (when, byKind) -> facts.put(when.equals(ALL) ? "acknowledged" : "during " + when, byKind));
    Map<String, Integer> times = new LinkedHashMap<>();
    periods.forEach(period -> times.merge(period.fault(), 1, Integer::sum));
    facts.put("faults", times);
    return Finding.of("coverage", List.of(), missing, facts);
  }

  /** By fault, or all, and by kind of operation, or all. */
  private Map<String, Map<String, Long>> counts(History history, List<Period> periods) {
    Map<String, Map<String, Long>> counts = new TreeMap<>();
    for (Call call : history.calls()) {
      if (call.outcome() != Op.Type.OK) {
        continue;
      }
      Set<String> during = new TreeSet<>(Set.of(ALL));
      for (Period period : periods) {
        if (period.from() < call.invoke().index() && call.returnIndex() < period.to()) {
          during.add(period.fault());
        }
      }
      for (String when : during) {
        Map<String, Long> byKind = counts.computeIfAbsent(when, w -> new TreeMap<>());
        byKind.merge(ALL, 1L, Long::sum);
        byKind.merge(call.invoke().f(), 1L, Long::sum);
      }
    }
    return counts;
  }

  private void require(
      Map<String, Map<String, Long>> counts,
      String when,
      int enough,
      String told,
      List<String> missing) {
    Map<String, Long> seen = counts.getOrDefault(when, Map.of());
    long all = seen.getOrDefault(ALL, 0L);
    if (all < enough) {
      missing.add("only " + all + " of " + enough + " operations were acknowledged " + told);
      return;
    }
    int each = enough / PART_OF_A_KIND;
    for (String kind : kinds) {
      long of = seen.getOrDefault(kind, 0L);
      if (of < each) {
        missing.add(
            "only " + of + " of " + each + " operations " + kind + " were acknowledged " + told);
      }
    }
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
