package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether each list that is read when all is {@link Op#QUIET} has every element whose append was
 * acknowledged: {@code lost-append}. Where reads may be stale, nothing else tells that the end of a
 * list is lost. Without such a read it is unknown. Thread-safe.
 */
public final class FinalReadChecker implements Checker {
  private static final Keyword APPEND = new Keyword("append");
  private static final Keyword READ = new Keyword("r");

  /** Creates it. */
  public FinalReadChecker() {}

  @Override
  public Finding check(History history) {
    int quiet = history.ops().size();
    for (Op op : history.ops()) {
      if (op.isNemesis() && op.f().equals(Op.QUIET)) {
        quiet = op.index();
        break;
      }
    }
    Map<Object, Map<Object, Integer>> acknowledged = new HashMap<>();
    List<Op> reads = new ArrayList<>();
    for (Call call : history.calls()) {
      if (call.outcome() != Op.Type.OK || !call.invoke().f().equals("txn")) {
        continue;
      }
      Op done = call.completion().orElseThrow();
      if (call.invoke().index() > quiet) {
        reads.add(done);
      }
      for (List<?> microOp : microOps(done)) {
        if (APPEND.equals(microOp.get(0))) {
          acknowledged
              .computeIfAbsent(microOp.get(1), key -> new LinkedHashMap<>())
              .put(microOp.get(2), done.index());
        }
      }
    }
    AnomalyTally anomalies = new AnomalyTally();
    int lists = 0;
    for (Op read : reads) {
      for (List<?> microOp : microOps(read)) {
        if (READ.equals(microOp.get(0))) {
          lists++;
          judge(read, microOp, acknowledged, anomalies);
        }
      }
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("lists-read", lists);
    facts.putAll(anomalies.counts());
    List<String> missing = lists > 0 ? List.of() : List.of("no list was read in the end");
    return Finding.of("final-reads", anomalies.shown(), missing, facts);
  }

  private static void judge(
      Op read,
      List<?> microOp,
      Map<Object, Map<Object, Integer>> acknowledged,
      AnomalyTally anomalies) {
    Set<Object> seen = microOp.get(2) instanceof List<?> list ? new HashSet<>(list) : Set.of();
    acknowledged
        .getOrDefault(microOp.get(1), Map.of())
        .forEach(
            (element, event) -> {
              if (!seen.contains(element)) {
                anomalies.add(
                    "lost-append",
                    "the append of "
                        + element
                        + " to "
                        + microOp.get(1)
                        + " was acknowledged, and the read of node "
                        + read.node()
                        + " in the end does not show it",
                    List.of(event, read.index()));
              }
            });
  }

  private static List<List<?>> microOps(Op op) {
    List<List<?>> microOps = new ArrayList<>();
    if (op.value() instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof List<?> microOp && microOp.size() == 3) {
          microOps.add(microOp);
        }
      }
    }
    return microOps;
  }
}
