package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Cycle.Step;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether transactions that append to lists and read them are strictly serializable: whether they
 * can be put in an order, in which each takes effect between its call and its return, that explains
 * all that was read. Operations other than {@code :txn} are left out of account.
 *
 * <p>The idea is Elle's (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from
 * Experimental Observations", 2020): a list that was read tells the order of the appends to it,
 * from there the order of transactions follows, and where that goes in a circle, the circle tells
 * what kind of thing must have happened. Names of anomalies are Elle's, where it has one:
 *
 * <ul>
 *   <li>{@code internal}: a transaction's read contradicts its own earlier steps
 *   <li>{@code G1a}, {@code dirty-update}: what a failed transaction has appended was read, or
 *       appended to
 *   <li>{@code G1b}: what a transaction has appended was read before it had appended all
 *   <li>{@code duplicate-elements}, {@code phantom}: read twice in a list; never appended
 *   <li>{@code incompatible-order}: two reads of a key, neither of which is the other's beginning
 *   <li>{@code lost-append}: the second of a transaction's appends to a key was read without the
 *       first. An append that is lost as a whole shows as a cycle, {@code G-single-realtime}.
 *   <li>{@code G0}, {@code G1c}, {@code G-single}, {@code G-nonadjacent}, {@code G2-item}, also
 *       with {@code -process} and {@code -realtime}: cycles, see {@link CycleSearch}
 * </ul>
 *
 * <p>The verdict is exact, as long as no value is appended to a key twice: invalid if and only if
 * no order explains the history, where transactions of unknown outcome may have taken effect or
 * not, and what failed ones have read does not matter. It is unknown if no transaction has
 * succeeded, or none has read anything.
 */
public final class ListAppendChecker implements Checker {
  private static final String NAME = "list-append";
  private static final List<String> KINDS = List.of("ww", "wr", "rw", "process", "realtime");

  /**
   * Judges a history.
   *
   * @throws IllegalArgumentException if a transaction is malformed, or a value is appended to a key
   *     twice
   */
  @Override
  public Finding check(History history) {
    Transactions txns = TransactionParser.parse(history);
    Explanation explanation = new Explanation(txns);
    AnomalyLog anomalies = new AnomalyLog();
    new ReadChecks(txns, explanation, anomalies).run();
    VersionOrders versions = new VersionOrders(txns, explanation, anomalies);
    versions.run();
    DependencyGraph graph = new Dependencies(txns, versions).build(history);
    for (Cycle cycle : CycleSearch.of(graph)) {
      anomalies.add(cycle.type(), () -> anomaly(cycle, txns, versions, explanation));
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    List<String> missing = count(txns, versions, graph, facts);
    facts.put("anomalies", anomalies.counts());
    return Finding.of(NAME, anomalies.examples(), missing, facts);
  }

  private static List<String> count(
      Transactions txns, VersionOrders versions, DependencyGraph graph, Map<String, Object> facts) {
    Map<Op.Type, Integer> outcomes = new EnumMap<>(Op.Type.class);
    int effective = 0;
    for (int txn = 0; txn < txns.size(); txn++) {
      outcomes.merge(txns.outcome(txn), 1, Integer::sum);
      effective += versions.isEffective(txn) ? 1 : 0;
    }
    int ok = outcomes.getOrDefault(Op.Type.OK, 0);
    int reads = 0;
    for (int[] read : txns.mopRead) {
      reads += read == null ? 0 : 1;
    }
    facts.put("transactions", txns.size());
    facts.put("ok", ok);
    facts.put("failed", outcomes.getOrDefault(Op.Type.FAIL, 0));
    facts.put("unknown", outcomes.getOrDefault(Op.Type.INFO, 0));
    facts.put("unknown, seen to have taken effect", effective - ok);
    facts.put("keys", txns.keys.size());
    facts.put("elements", txns.values.size());
    facts.put("reads", reads);
    facts.put("longest list", versions.lengthMax());
    facts.put("dependencies", graph.edges());
    List<String> missing = new ArrayList<>();
    if (ok == 0) {
      missing.add("no transaction has succeeded");
    } else if (reads == 0) {
      missing.add("no transaction has read anything");
    }
    return missing;
  }

  private static Anomaly anomaly(
      Cycle cycle, Transactions txns, VersionOrders versions, Explanation explanation) {
    List<Edge> edges = new ArrayList<>();
    List<Integer> members = new ArrayList<>();
    for (Step step : cycle.steps()) {
      members.add(step.from());
      edges.add(
          new Edge(
              txns.event(step.from()).index(),
              txns.event(step.to()).index(),
              KINDS.get(step.kind()),
              reason(step, txns, versions, explanation)));
    }
    return new Anomaly(
        cycle.type(),
        explanation.cycle(members, edges),
        members.stream().map(txn -> txns.event(txn).index()).toList(),
        edges);
  }

  private static String reason(
      Step step, Transactions txns, VersionOrders versions, Explanation explanation) {
    int label = step.label();
    return switch (step.kind()) {
      case DependencyGraph.WW ->
          explanation.appendsAfter(versions.before(label, step.from()), label);
      case DependencyGraph.WR -> {
        int[] read = readBy(label, txns);
        yield explanation.reads(label, read[read.length - 1]);
      }
      case DependencyGraph.RW -> {
        int[] order = versions.order(txns.mopKey[label]);
        yield explanation.doesNotRead(
            label,
            step.element() == Transactions.NONE
                ? order[readBy(label, txns).length]
                : step.element());
      }
      case DependencyGraph.PROCESS -> explanation.sameProcess(step.from(), step.to());
      case DependencyGraph.REALTIME -> explanation.endsBefore(step.from(), step.to());
      default -> throw new AssertionError("no kind of step: " + step);
    };
  }

  private static int[] readBy(int mop, Transactions txns) {
    int[] read = txns.mopRead[mop];
    if (read == null) {
      throw new AssertionError("not a read: " + mop);
    }
    return read;
  }
}
