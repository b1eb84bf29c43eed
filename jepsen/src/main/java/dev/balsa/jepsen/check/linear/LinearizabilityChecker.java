package dev.balsa.jepsen.check.linear;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.check.Finding;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Checks that the operations on each object took effect one after the other, each between its call
 * and its return. Values are {@code [key value]}; objects are independent of each other.
 *
 * <p>Failed operations have not happened. One of unknown outcome happens at any time after its
 * call, or never. A history that is not linearizable has the anomaly {@value #NONLINEARIZABLE} for
 * each key of which that is so. What the limits do not allow to decide is unknown, as is a history
 * in which no read was acknowledged. Thread-safe.
 */
public final class LinearizabilityChecker implements Checker {
  /** The name of the anomaly. */
  public static final String NONLINEARIZABLE = "nonlinearizable";

  private static final int EXPLAINED_MAX = 8;
  private static final int UNDECIDED_SHOWN = 3;

  private final String name;
  private final Model model;
  private final Limits limits;

  /**
   * Creates a checker.
   *
   * @param name of its findings
   * @param model what each object does
   * @param limits how much to spend
   */
  public LinearizabilityChecker(String name, Model model, Limits limits) {
    this.name = name;
    this.model = model;
    this.limits = limits;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the history has operations that are not of the model, or
   *     values that are not {@code [key value]}
   */
  @Override
  public Finding check(History history) {
    Keys keys = Keys.of(model, history);
    List<Anomaly> anomalies = new ArrayList<>();
    List<String> undecided = new ArrayList<>();
    int notLinearizable = 0;
    long configurations = 0;
    Budget total = Budget.of(limits, limits.total());
    for (Map.Entry<Object, List<Operation>> key : keys.operations().entrySet()) {
      if (total.isOver()) {
        undecided.add(
            "key " + key.getKey() + " was not reached within " + limits.total().toSeconds() + " s");
        continue;
      }
      Budget budget = Budget.of(limits, total.atMost(limits.perKey()));
      Decision decision = Search.decide(model, key.getValue(), budget);
      configurations += decision.configurations();
      switch (decision.kind()) {
        case LINEARIZABLE -> {}
        case UNDECIDED -> undecided.add("key " + key.getKey() + ": " + decision.reason());
        case NOT -> {
          notLinearizable++;
          if (anomalies.size() < EXPLAINED_MAX) {
            anomalies.add(new Explanation(model, history, key.getKey(), limits).of(key.getValue()));
          }
        }
      }
    }
    Map<String, Object> facts = keys.facts();
    facts.put("nonlinearizable-keys", notLinearizable);
    facts.put("undecided-keys", undecided.size());
    facts.put("configurations", configurations);
    return Finding.of(name, anomalies, missing(undecided, keys), facts);
  }

  private static List<String> missing(List<String> undecided, Keys keys) {
    List<String> missing = new ArrayList<>(undecided.stream().limit(UNDECIDED_SHOWN).toList());
    if (undecided.size() > UNDECIDED_SHOWN) {
      missing.add(undecided.size() + " keys in all were not decided");
    }
    if (keys.acknowledgedReads() == 0) {
      missing.add("no read was acknowledged, so that nothing wrong could have been seen");
    }
    return missing;
  }

  /** The checker of registers that are 0 at first. */
  public static LinearizabilityChecker ofRegisters(Limits limits) {
    return new LinearizabilityChecker("linearizable-register", new Register(0L), limits);
  }
}
